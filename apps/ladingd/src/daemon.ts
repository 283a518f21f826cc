// SPDX-License-Identifier: Apache-2.0
import { Server } from '@grpc/grpc-js';
import { messageLimits } from '@lading/cri-api';
import { cniNetwork, openEngine } from '@lading/engine';
import { formatConfig } from './config/format-config.ts';
import { defaultListen, type Settings } from './config/settings.ts';
import { followContainerEvents } from './cri/container-events.ts';
import { removeHalfMade } from './cri/remove-half-made.ts';
import { createHttpApi } from './http/api.ts';
import { createFront } from './http/front.ts';
import { createDaemonMetrics } from './metrics/daemon-metrics.ts';
import { type MetricsServers, serveMetrics } from './metrics/serve-metrics.ts';
import { watchedNetwork } from './network/watched-network.ts';
import { addServices } from './services.ts';
import { type Listener, listenOn, socketPath } from './socket.ts';

/** A running daemon. */
export interface Daemon extends AsyncDisposable {
  /** `unix:///run/lading/ladingd.sock` */
  readonly address: string;
  /** `http://127.0.0.1:9090/metrics`; undefined when metrics are not served. */
  readonly metricsAddress: string | undefined;
  /** Lets the calls under way finish for a moment, then ends them. Containers keep running. */
  close(): Promise<void>;
}

export interface DaemonOptions {
  /** Told of what an operator should know, in a line. Default: nobody. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const maxMessageBytes = 80 << 20; // as in CRI-O: lists of a large node
const graceMs = 3000;

/**
 * Opens the engine and serves CRI on a unix socket.
 *
 * @throws LadingError `already_exists` when another daemon listens there, `invalid_argument` for settings that
 * cannot be
 */
export async function startDaemon(
  settings: Settings,
  version: string,
  { onWarning = () => {} }: DaemonOptions = {},
): Promise<Daemon> {
  const path = socketPath(settings.listen ?? defaultListen);
  const { listen: _listen, insecureRegistries: _insecure, ...engineOptions } = settings;
  const engine = await openEngine(engineOptions);
  const { networkPluginDirs, defaultNetwork, networkConfigDir: configDir = '/etc/cni/net.d' } = settings;
  const cni = cniNetwork({
    configDir,
    ...(networkPluginDirs === undefined ? {} : { pluginDirs: networkPluginDirs }),
    ...(defaultNetwork === undefined ? {} : { defaultNetwork }),
  });
  const network = watchedNetwork(cni, configDir);
  await removeHalfMade(engine, onWarning);
  const [firstRuntime = ''] = Object.keys(settings.runtimes ?? { runc: 'runc' });
  const metrics = createDaemonMetrics({
    defaultRuntime: settings.defaultRuntime ?? firstRuntime,
    collectors: settings.metricsCollectors,
  });
  const events = await followContainerEvents(engine, {
    onWarning,
    onDrop: metrics.onEventDropped,
    onEvent: metrics.onEvent,
  });
  // After that: ends that nobody has seen are events too.
  const exits = await engine.watchExits({
    onError: ({ message }, id) => onWarning(`container ${id ?? ''} has ended, but ${message}`),
  });
  const server = new Server(messageLimits(maxMessageBytes));
  const stop = async (): Promise<void> => {
    await events[Symbol.asyncDispose]();
    await exits[Symbol.asyncDispose]();
    network[Symbol.dispose]();
    await engine.close();
  };
  const http = createHttpApi({ engine, version, config: () => formatConfig(settings) });
  const front = createFront(server, http);
  let listener: Listener;
  let served: MetricsServers | undefined;
  try {
    addServices(server, { engine, network, settings, version, events, metrics });
    if (settings.metrics) served = await serveMetrics(settings, metrics.render);
    listener = await listenOn(path, front.take);
  } catch (error) {
    await served?.[Symbol.asyncDispose]();
    await stop();
    throw error;
  }
  const close = async (): Promise<void> => {
    // Before the calls are waited for: one of events has no end of its own.
    await events[Symbol.asyncDispose]();
    const gone = listener.close();
    front.close();
    http.closeIdleConnections();
    await shutDown(server);
    http.closeAllConnections();
    await gone;
    await served?.[Symbol.asyncDispose]();
    await stop();
  };
  const metricsAddress = served?.address;
  return { address: `unix://${path}`, metricsAddress, close, [Symbol.asyncDispose]: close };
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
