// SPDX-License-Identifier: Apache-2.0
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  createImageClient,
  createRuntimeClient,
  type ImageClient,
  type Input,
  type PodSandboxConfig,
  type RuntimeClient,
} from '@lading/cri-api';
import { openEngine } from '@lading/engine';
import { startRegistry } from '@lading/registry';
import { expect } from 'vitest';
import { bridgeNetwork } from '../../../tools/test-support/bridge-network.ts';
import { pushBusyboxImage } from './busybox-image.ts';
import { type DaemonProcess, type EndedEarly, startDaemonProcess } from './daemon-process.ts';
import { leftoversOf, sweep } from './leftovers.ts';

/** A running daemon and clients of it. */
export interface Served extends DaemonProcess {
  readonly socket: string;
  readonly runtime: RuntimeClient;
  readonly images: ImageClient;
}

/** Folders, a network and a registry of a test file's own. */
export interface World extends AsyncDisposable {
  readonly root: string;
  /** `127.0.0.1:PORT/demo/hello`; the registry has it under the tags `latest` and `again`. */
  readonly image: string;
  /** Of the containers that `pod` describes. */
  readonly cgroupParent: string;
  /** Starts a daemon that must come up, with more flags, and clients of it. All are ended with the world. */
  serve(...more: readonly string[]): Promise<Served>;
  /** Starts a daemon that may not come up. */
  start(...more: readonly string[]): Promise<DaemonProcess | EndedEarly>;
  /** A sandbox config. */
  pod(name: string, more?: Input<PodSandboxConfig>): Input<PodSandboxConfig>;
  /** Removes all pods and containers, without a daemon. */
  clear(): Promise<void>;
  /** What pods and containers have left behind. */
  leftovers(): readonly string[];
  /** Removes all pods and containers, and fails if anything of them is left then. */
  leaveNothing(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  for (const [path, name] of [
    ['/usr/sbin/runc', 'runc'],
    ['/usr/bin/conmon', 'conmon'],
    ['/usr/lib/cni/bridge', 'containernetworking-plugins'],
  ] as const) {
    if (!existsSync(path)) throw new Error(`${path} is missing: apt-get install ${name}`);
  }
  await using stack = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), 'lading-cri-'));
  stack.defer(() => rm(root, { recursive: true, force: true }));
  const cgroupParent = `/${basename(root)}`;
  const bridge = `ldg${randomBytes(4).toString('hex')}`;
  stack.defer(() => sweep(root, cgroupParent, bridge));
  const networks = join(root, 'net.d');
  const subnets = [`10.86.${randomInt(100, 250)}.0/24`];
  const network = { name: bridge, bridge, subnets, dataDir: join(root, 'leases') };
  await mkdir(networks);
  await writeFile(join(networks, '10-test.conflist'), bridgeNetwork(network));
  await writeFile(join(root, 'ladingd.conf'), '');
  await mkdir(join(root, 'image'));

  const registry = stack.use(await startRegistry());
  await pushBusyboxImage(
    { host: registry.host, name: 'demo/hello' },
    ['latest', 'again'],
    join(root, 'image'),
  );
  const roots = { graphRoot: join(root, 'graph'), runRoot: join(root, 'run') };
  const socket = join(root, 'sockets/ladingd.sock');

  const args = (...more: readonly string[]): readonly string[] => [
    ...['--config', join(root, 'ladingd.conf'), '--config-dir', join(root, 'ladingd.conf.d')],
    ...['--listen', socket, '--root', roots.graphRoot, '--runroot', roots.runRoot],
    ...['--cni-config-dir', networks, '--insecure-registry', registry.host],
    ...more,
  ];
  const clear = async (): Promise<void> => {
    await using engine = await openEngine({ ...roots, networkConfigDir: networks });
    for (const { id } of await engine.pods.list()) await engine.pods.remove(id, { force: true });
    for (const { id } of await engine.containers.list({ all: true })) {
      await engine.containers.remove(id, { force: true });
    }
  };
  stack.defer(clear);
  const leftovers = (): readonly string[] => leftoversOf(root, cgroupParent);
  const owned = stack.move();
  const start = async (...more: readonly string[]): Promise<DaemonProcess | EndedEarly> => {
    const daemon = await startDaemonProcess(args(...more));
    if ('line' in daemon) owned.defer(async () => void (await daemon.end('SIGKILL')));
    return daemon;
  };
  return {
    root,
    image: `${registry.host}/demo/hello`,
    cgroupParent,
    start,
    async serve(...more) {
      const daemon = await start(...more);
      if (!('line' in daemon)) throw new Error(`ladingd ended with ${daemon.code}: ${daemon.stderr}`);
      const address = daemon.line.replace('listening on ', '');
      const runtime = owned.use(createRuntimeClient(address, { timeoutMs: 50_000 }));
      const images = owned.use(createImageClient(address, { timeoutMs: 50_000 }));
      return { ...daemon, socket: address.replace('unix://', ''), runtime, images };
    },
    pod: (name, more = {}) => ({
      metadata: { name, uid: `${name}-uid`, namespace: 'test', attempt: 0 },
      hostname: name,
      logDirectory: join(root, 'logs', name),
      ...more,
      linux: { cgroupParent, ...more.linux },
    }),
    clear,
    leftovers,
    async leaveNothing() {
      await clear();
      expect(leftovers()).toEqual([]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
