// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { type CgroupUsage, type NetworkUsage, readNetworkUsage } from '@lading/linux';
import type { PodInfo } from '../types/pods.ts';

type PodCounters = Pick<CgroupUsage, 'cpu' | 'memory' | 'pressure'>;

/** Counters of containers together, for a pod without a control group of its own. */
export function sumUsages(all: readonly PodCounters[]): PodCounters | undefined {
  if (all.length === 0) return undefined;
  const cpu = (key: 'usageNs' | 'userNs' | 'systemNs' | 'throttledNs'): bigint =>
    all.reduce((sum, usage) => sum + usage.cpu[key], 0n);
  const count = (key: 'periods' | 'throttledPeriods'): number =>
    all.reduce((sum, usage) => sum + usage.cpu[key], 0);
  const memory = (key: Exclude<keyof PodCounters['memory'], 'limitBytes' | 'swapLimitBytes'>): number =>
    all.reduce((sum, usage) => sum + usage.memory[key], 0);
  return {
    cpu: {
      usageNs: cpu('usageNs'),
      userNs: cpu('userNs'),
      systemNs: cpu('systemNs'),
      throttledNs: cpu('throttledNs'),
      periods: count('periods'),
      throttledPeriods: count('throttledPeriods'),
    },
    memory: {
      usageBytes: memory('usageBytes'),
      maxUsageBytes: memory('maxUsageBytes'),
      workingSetBytes: memory('workingSetBytes'),
      rssBytes: memory('rssBytes'),
      cacheBytes: memory('cacheBytes'),
      mappedFileBytes: memory('mappedFileBytes'),
      kernelBytes: memory('kernelBytes'),
      swapBytes: memory('swapBytes'),
      limitHits: memory('limitHits'),
      pageFaults: memory('pageFaults'),
      majorPageFaults: memory('majorPageFaults'),
      oomKills: memory('oomKills'),
    },
    pressure: {},
  };
}

/** Interfaces of a pod's own network; none when it has the host's, or gives it up just now. */
export function podNetwork(pod: PodInfo): readonly NetworkUsage[] {
  const path = pod.namespaces.net;
  if (pod.status !== 'ready' || path === undefined || !existsSync(path)) return [];
  const first = pod.networks[0]?.ifName;
  return readNetworkUsage(path)
    .filter(({ name }) => name !== 'lo')
    .sort((a, b) => Number(b.name === first) - Number(a.name === first));
}
