// SPDX-License-Identifier: Apache-2.0
import { realpath } from 'node:fs/promises';
import { Code, hasCode } from '@lading/errors';
import { type CgroupPlace, cgroupVersion, listCgroupProcesses, readCgroupUsage } from '@lading/linux';
import type { Context } from '../core/context.ts';
import { cgroupPathOf, ownCgroupOf } from '../spec/cgroup-path.ts';
import type { ContainerInfo } from '../types/containers.ts';
import type { DiskUsage, StoreUsage, Usages } from '../types/usage.ts';
import { createLayerMeter } from './layer-meter.ts';
import { podNetwork, sumUsages } from './pod-usage.ts';
import { processFigures } from './process-figures.ts';
import { createRates } from './rates.ts';

const cgroupRoot = '/sys/fs/cgroup';

/** The calls of {@link Usages}. It remembers the last reading of each container, for rates. */
export function createUsages(context: Context): Usages {
  const rates = createRates(() => process.hrtime.bigint());
  const meter = createLayerMeter(context.store, context.now);
  const layerOf = new Map<string, string>();
  let version: Promise<1 | 2> | undefined;

  async function placeAt(path: string): Promise<CgroupPlace> {
    version ??= cgroupVersion(cgroupRoot);
    return { root: cgroupRoot, version: await version, path };
  }

  async function placeOf(container: ContainerInfo): Promise<CgroupPlace> {
    const { podId } = container;
    const pod = podId === undefined ? undefined : await context.pods.get(podId);
    return placeAt(cgroupPathOf(container, pod, context.cgroupParent));
  }

  async function layerUsage(id: string): Promise<DiskUsage | undefined> {
    try {
      const layer = layerOf.get(id) ?? (await context.store.containers.find(id))?.layer;
      if (layer === undefined) return undefined;
      layerOf.set(id, layer);
      return await meter.measure(layer, 'writable');
    } catch (error) {
      // It was removed since it was listed.
      if (!hasCode(error, Code.NotFound)) throw error;
      layerOf.delete(id);
      return undefined;
    }
  }

  return {
    async container(container) {
      const { id, status } = container;
      const place = await placeOf(container);
      const alive = status === 'running' || status === 'paused';
      const cgroup = alive ? readCgroupUsage(place) : undefined;
      const nanoCores = cgroup && rates.next(id, cgroup.cpu.usageNs);
      const time = context.now().toISOString();
      const processes = cgroup === undefined ? 0 : listCgroupProcesses(place).length;
      const layer = await layerUsage(id);
      return {
        id,
        time,
        processes,
        ...(cgroup !== undefined && { cgroup }),
        ...(nanoCores !== undefined && { nanoCores }),
        ...(layer !== undefined && { layer }),
      };
    },
    async pod(pod, containers) {
      const parent = ownCgroupOf(pod, context.cgroupParent) ?? pod.options.cgroupParent;
      const own = parent === undefined ? undefined : readCgroupUsage(await placeAt(parent));
      const cgroup = own ?? sumUsages(containers.flatMap((container) => container.cgroup ?? []));
      const nanoCores = cgroup && rates.next(pod.id, cgroup.cpu.usageNs);
      return {
        id: pod.id,
        time: context.now().toISOString(),
        processes: containers.reduce((sum, container) => sum + container.processes, 0),
        network: podNetwork(pod),
        ...(cgroup !== undefined && { cgroup }),
        ...(nanoCores !== undefined && { nanoCores }),
      };
    },
    processes: async (container) =>
      processFigures(listCgroupProcesses(await placeOf(container)), container.pid),
    async store({ signal } = {}) {
      const { store } = context;
      const [layers, containers] = await Promise.all([store.layers.list(), store.containers.list()]);
      // Layers of stores that are only read lie elsewhere.
      const ids = layers.filter(({ readOnly }) => readOnly !== true).map(({ id }) => id);
      const writable = new Set(containers.map(({ layer }) => layer));
      meter.keep(new Set(ids));
      const own = new Set(containers.map(({ id }) => id));
      for (const id of layerOf.keys()) if (!own.has(id)) layerOf.delete(id);

      async function sum(kind: 'fixed' | 'writable', root: string): Promise<StoreUsage> {
        let [bytes, inodes] = [0, 0];
        for (const id of ids.filter((layer) => writable.has(layer) === (kind === 'writable'))) {
          signal?.throwIfAborted();
          try {
            const usage = await meter.measure(id, kind);
            bytes += usage.bytes;
            inodes += usage.inodes;
          } catch (error) {
            if (!hasCode(error, Code.NotFound)) throw error;
          }
        }
        return { folder: await realpath(root), time: context.now().toISOString(), bytes, inodes };
      }
      return {
        images: await sum('fixed', store.imageStore ?? store.graphRoot),
        containers: await sum('writable', store.graphRoot),
      };
    },
  };
}
