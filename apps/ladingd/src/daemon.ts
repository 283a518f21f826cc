// SPDX-License-Identifier: Apache-2.0
import { Server } from '@grpc/grpc-js';
import { addImageService, addRuntimeService, messageLimits } from '@lading/cri-api';
import { cniNetwork, openEngine } from '@lading/engine';
import { defaultListen, type Settings } from './config/settings.ts';
import { containerHandlers } from './cri/containers.ts';
import { imageHandlers } from './cri/images.ts';
import { runtimeHandlers } from './cri/runtime.ts';
import { sandboxHandlers } from './cri/sandboxes.ts';
import { statsHandlers } from './cri/stats.ts';
import { type Listener, listenOn, socketPath } from './socket.ts';

/** A running daemon. */
export interface Daemon extends AsyncDisposable {
  /** `unix:///run/lading/ladingd.sock` */
  readonly address: string;
  /** Lets the calls under way finish for a moment, then ends them. Containers keep running. */
  close(): Promise<void>;
}

const maxMessageBytes = 80 << 20; // as in CRI-O: lists of a large node
const graceMs = 3000;

/**
 * Opens the engine and serves CRI on a unix socket.
 *
 * @throws LadingError `already_exists` when another daemon listens there, `invalid_argument` for settings that
 * cannot be
 */
export async function startDaemon(settings: Settings, version: string): Promise<Daemon> {
  const path = socketPath(settings.listen ?? defaultListen);
  const { listen: _listen, insecureRegistries = [], ...engineOptions } = settings;
  const engine = await openEngine(engineOptions);
  const network = cniNetwork({
    configDir: settings.networkConfigDir ?? '/etc/cni/net.d',
    ...(settings.networkPluginDirs === undefined ? {} : { pluginDirs: settings.networkPluginDirs }),
    ...(settings.defaultNetwork === undefined ? {} : { defaultNetwork: settings.defaultNetwork }),
  });
  const server = new Server(messageLimits(maxMessageBytes));
  const insecure = new Set(insecureRegistries);
  const handlers = Object.keys(settings.runtimes ?? { runc: 'runc' });
  addRuntimeService(server, {
    ...runtimeHandlers({ version, handlers, network }),
    ...sandboxHandlers(engine),
    ...containerHandlers(engine),
    ...statsHandlers(engine),
  });
  addImageService(server, imageHandlers(engine, { isInsecure: (host) => insecure.has(host) }));
  let listener: Listener;
  try {
    listener = await listenOn(server, path);
  } catch (error) {
    await engine.close();
    throw error;
  }
  const close = async (): Promise<void> => {
    await shutDown(server);
    await listener.remove();
    await engine.close();
  };
  return { address: `unix://${path}`, close, [Symbol.asyncDispose]: close };
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
