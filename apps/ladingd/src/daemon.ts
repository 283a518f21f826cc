// SPDX-License-Identifier: Apache-2.0
import type { Server as HttpServer } from 'node:http';
import { Server as GrpcServer } from '@grpc/grpc-js';
import { type CredentialStore, loadAuth, loadPolicy, loadRegistries } from '@lading/config';
import { messageLimits } from '@lading/cri-api';
import type { StreamingServer } from '@lading/cri-streaming';
import { cniNetwork, type Engine, openEngine, type RuntimeDefinitions } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { checkSettings } from './config/check-settings.ts';
import { formatConfig } from './config/format-config.ts';
import { reloaded } from './config/reloadable.ts';
import { defaultHooksDirs, defaultListen, type Settings } from './config/settings.ts';
import { parseAssignment } from './cri/container-defaults.ts';
import { followContainerEvents } from './cri/container-events.ts';
import { readDecryptionKeys } from './cri/decryption-keys.ts';
import { runtimeName } from './cri/find.ts';
import { removeHalfMade } from './cri/remove-half-made.ts';
import { guardFullDisk } from './full-disk.ts';
import { createHttpApi } from './http/api.ts';
import { createFront } from './http/front.ts';
import { createDaemonMetrics } from './metrics/daemon-metrics.ts';
import { type MetricsServers, serveMetrics } from './metrics/serve-metrics.ts';
import { watchedNetwork } from './network/watched-network.ts';
import { addServices } from './services.ts';
import { type Listener, listenOn, refuseTaken, socketPath } from './socket.ts';
import { startStreams } from './streams.ts';

/** A running daemon. */
export interface Daemon extends AsyncDisposable {
  /** `unix:///run/lading/ladingd.sock` */
  readonly address: string;
  /** `http://127.0.0.1:9090/metrics`; undefined when metrics are not served. */
  readonly metricsAddress: string | undefined;
  /**
   * Takes new settings over, as far as that can be while it runs; gives the names of those that changed and need a new
   * start. Pods that there are keep the runtimes that they were made with.
   */
  reload(settings: Settings): Promise<readonly string[]>;
  /** Lets the calls under way finish for a moment, then ends them. Containers keep running. */
  close(): Promise<void>;
}

export interface DaemonOptions {
  /** Told of what an operator should know, in a line. Default: nobody. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Told of each call that has ended, in a line. Default: nobody. */
  readonly onCall?: ((message: string) => void) | undefined;
}

const maxMessageBytes = 80 << 20; // as in CRI-O: lists of a large node
const graceMs = 3000;
const garbageMs = 10_000;

/**
 * Opens the engine and serves CRI on a unix socket.
 *
 * @throws LadingError `already_exists` when another daemon listens there, `invalid_argument` for settings that
 * cannot be
 */
export async function startDaemon(
  settings: Settings,
  version: string,
  { onWarning = () => {}, onCall }: DaemonOptions = {},
): Promise<Daemon> {
  const path = socketPath(settings.listen ?? defaultListen);
  const { listen: _listen, insecureRegistries: _insecure, signaturePolicy, ...engineOptions } = settings;
  await checkSettings(settings);
  let live = settings;
  // Before anything is looked at: what another daemon is about to make would look like something half-made.
  await refuseTaken(path);
  const engine = await openEngine({
    ...engineOptions,
    hooksDirs: settings.hooksDirs ?? defaultHooksDirs,
    ...runtimeOptions(settings),
    registry: {
      credentials: () => nodeCredentials(live),
      // Nobody is there who could write the name in full: all registries are asked in turn, as CRI-O does.
      registries: async () => ({ ...(await loadRegistries()), shortNameMode: 'disabled' }),
      decryptionKeys: async () =>
        live.decryptionKeysPath === undefined ? [] : readDecryptionKeys(live.decryptionKeysPath, onWarning),
      ...(signaturePolicy !== undefined && { policy: () => loadPolicy({ path: signaturePolicy }) }),
    },
  });
  const {
    networkPluginDirs,
    networkBuiltIn,
    defaultNetwork,
    networkConfigDir: configDir = '/etc/cni/net.d',
  } = settings;
  const cni = cniNetwork({
    configDir,
    ...(networkPluginDirs === undefined ? {} : { pluginDirs: networkPluginDirs }),
    ...(defaultNetwork === undefined ? {} : { defaultNetwork }),
    ...(networkBuiltIn === undefined ? {} : { builtIn: networkBuiltIn }),
  });
  const network = watchedNetwork(cni, configDir);
  await removeHalfMade(engine, onWarning);
  await engine.sweep();
  await freeAddresses(engine, onWarning);
  const fullDisk = await guardFullDisk(engine.store);
  const metrics = createDaemonMetrics({
    defaultRuntime: () => runtimeName(engine, undefined),
    collectors: settings.metricsCollectors,
    onCall: onCall && ((...call) => onCall(describeCall(...call))),
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
  const server = new GrpcServer(messageLimits(maxMessageBytes));
  let streams: StreamingServer | undefined;
  const stop = async (): Promise<void> => {
    await streams?.close();
    await events[Symbol.asyncDispose]();
    await exits[Symbol.asyncDispose]();
    network[Symbol.dispose]();
    await engine.close();
  };
  const http = createHttpApi({ engine, version, config: () => formatConfig(live) });
  const front = createFront(server, http);
  let listener: Listener;
  let served: MetricsServers | undefined;
  try {
    streams = await startStreams(settings);
    addServices(server, {
      engine,
      network,
      settings,
      live: () => live,
      version,
      events,
      metrics,
      streams,
      fullDisk,
    });
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
    front.close();
    await endConnections(listener.close(), server, http);
    await served?.[Symbol.asyncDispose]();
    await stop();
  };
  const metricsAddress = served?.address;
  const reload = async (now: Settings): Promise<readonly string[]> => {
    await checkSettings(now);
    const { settings: next, needStart } = reloaded(settings, now);
    await engine.loadRuntimes({ ...next, ...runtimeOptions(next) });
    live = next;
    return needStart;
  };
  return { address: `unix://${path}`, reload, metricsAddress, close, [Symbol.asyncDispose]: close };
}

function describeCall(operation: string, ms: number, error?: LadingError): string {
  const time = `${operation}: ${Math.round(ms)} ms`;
  return error === undefined ? time : `${time}, failed with ${error.code}: ${error.message}`;
}

/** What the engine wants to know of each runtime in a form of its own. */
function runtimeOptions(settings: Settings): RuntimeDefinitions {
  const { monitorEnv = {}, createTimeouts = {}, runtimes = { runc: 'runc' } } = settings;
  return {
    monitorsInPods: Object.keys(runtimes).filter(
      (name) => (settings.monitorCgroups?.[name] ?? settings.monitorCgroup) === 'pod',
    ),
    monitorEnvs: Object.fromEntries(
      Object.entries(monitorEnv).map(([name, lines]) => [
        name,
        Object.fromEntries(lines.map(parseAssignment)),
      ]),
    ),
    runtimeTimeoutsMs: Object.fromEntries(
      Object.entries(createTimeouts).map(([name, seconds]) => {
        if (seconds > 0 && seconds <= 86_400) return [name, seconds * 1000];
        throw new LadingError(
          Code.InvalidArgument,
          `crio.runtime.runtimes.${name}.container_create_timeout: ${seconds} is not a number of seconds from 1 to 86400`,
        );
      }),
    ),
  };
}

/** Leases of what is gone. A network that is not there yet, or is ill, is no reason not to serve. */
async function freeAddresses(engine: Engine, onWarning: (message: string) => void): Promise<void> {
  try {
    await engine.collectNetworkGarbage({ signal: AbortSignal.timeout(garbageMs) });
  } catch (error) {
    const { code, message } = LadingError.from(error);
    if (code !== Code.FailedPrecondition && code !== Code.NotFound)
      onWarning(`addresses of pods that are gone may not be free: ${message}`);
  }
}

/** Read at each pull, so that a file that was changed counts. */
async function nodeCredentials({ globalAuthFile }: Settings): Promise<CredentialStore> {
  const { credentialHelpers } = await loadRegistries();
  return loadAuth({
    ...(globalAuthFile === undefined ? {} : { paths: [globalAuthFile] }),
    ...(credentialHelpers.length === 0 ? {} : { helpers: credentialHelpers }),
  });
}

/**
 * Lets the calls under way finish for a moment. What counts is that the connections are gone: grpc-js calls a server
 * that was given its connections closed before its last answers are sent.
 */
async function endConnections(gone: Promise<void>, grpc: GrpcServer, http: HttpServer): Promise<void> {
  grpc.tryShutdown(() => {});
  http.closeIdleConnections();
  const timer = setTimeout(() => {
    grpc.forceShutdown();
    http.closeAllConnections();
  }, graceMs);
  try {
    await gone;
  } finally {
    clearTimeout(timer);
  }
}
