// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createContainers } from '../containers/containers.ts';
import { usesImage } from '../containers/image-mounts.ts';
import { openEventLog } from '../events/event-log.ts';
import { watchExits } from '../events/watch-exits.ts';
import { createImages } from '../images/images.ts';
import { collectNetworkGarbage } from '../network/network-garbage.ts';
import { createPods } from '../pods/pods.ts';
import { createSecrets } from '../secrets/secrets.ts';
import { createJsonReader } from '../state/json-reader.ts';
import { openLocks } from '../state/locks.ts';
import { openRecordFolder } from '../state/record-folder.ts';
import { createUsages } from '../stats/usages.ts';
import type { Containers } from '../types/containers.ts';
import type { Engine, EngineOptions } from '../types/engine.ts';
import { openVolumeFolder } from '../volumes/volume-folder.ts';
import { createVolumes } from '../volumes/volumes.ts';
import { bootId } from './boot-id.ts';
import type { Context } from './context.ts';
import { createEventBus } from './event-bus.ts';
import { createRuntimeTable } from './runtime-table.ts';
import { sweep } from './sweep.ts';

/**
 * An engine over a store and handlers. It keeps nothing in memory that is not on disk: any number of
 * engines, in any number of processes, may work on the same folders.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { store } = options;
  const stateDir = options.stateDir ?? join(store.graphRoot, 'lading');
  const runDir = options.runDir ?? join(store.runRoot, 'lading');
  const runtimes = createRuntimeTable(options);
  const boot = bootId();
  for (const folder of [
    join(stateDir, 'containers'),
    join(stateDir, 'pods'),
    join(stateDir, 'secrets'),
    join(runDir, 'containers'),
    join(runDir, 'ended'),
  ]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const now = options.now ?? ((): Date => new Date());
  const locks = openLocks(join(runDir, 'locks'));
  const log = openEventLog(join(runDir, 'events.log'), locks);
  const events = createEventBus(now, log);
  const containerRecords: Context['containers'] = openRecordFolder(join(stateDir, 'containers'), 'container');
  let containers: Containers;
  const images = createImages({
    store,
    registry: options.registry ?? {},
    events,
    usersOf: async (imageId) =>
      (await containerRecords.list()).filter((record) => usesImage(record, imageId)),
    removeContainer: async (id) => {
      await containers.remove(id, { force: true, ignoreMissing: true });
    },
  });
  const context: Context = {
    store,
    runDir,
    containers: containerRecords,
    pods: openRecordFolder(join(stateDir, 'pods'), 'pod'),
    runs: createJsonReader(),
    volumes: openVolumeFolder(join(stateDir, 'volumes')),
    secrets: openRecordFolder(join(stateDir, 'secrets'), 'secret'),
    locks,
    runtimes,
    network: options.network,
    registry: options.registry ?? {},
    exitCommand: options.exitCommand ?? [],
    healthCommand: options.healthCommand ?? [],
    cgroupParent: options.cgroupParent ?? '/',
    cdiSpecDirs: options.cdiSpecDirs ?? ['/etc/cdi', '/var/run/cdi'],
    hooksDirs: options.hooksDirs ?? [],
    events,
    images,
    bootId: boot,
    now,
  };
  containers = createContainers(context);
  const close = async (): Promise<void> => events.close();
  return {
    containers,
    pods: createPods(context),
    images,
    get runtimes() {
      return runtimes.all;
    },
    async useRuntimes(choice) {
      const [made, pods] = await Promise.all([containerRecords.list(), context.pods.list()]);
      const ofPods = pods.map(({ id, options: { runtime = runtimes.defaultName } }) => ({ id, runtime }));
      runtimes.replace(choice, [...made, ...ofPods]);
    },
    volumes: createVolumes(context, containers),
    secrets: createSecrets(context),
    usage: createUsages(context),
    store,
    events: (listen) => events.listen(listen),
    eventLog: (wanted) => log.read(wanted),
    tell: (event) => events.emit(event),
    watchExits: (watch = {}) => watchExits(context, watch),
    sweep: () =>
      sweep(context, [
        ...['containers', 'pods', 'names/container', 'names/pod'].map((name) => join(stateDir, name)),
        ...['containers', 'ended'].map((name) => join(runDir, name)),
      ]),
    collectNetworkGarbage: ({ signal }) => collectNetworkGarbage(context, signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}
