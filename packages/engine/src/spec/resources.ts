// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceLimits } from '../types/container-options.ts';
import type { ResourcesSpec } from '../types/runtime-handler.ts';
import { blockIoSpec } from './block-io.ts';

/** Limits in the words of the runtime spec. */
export function resourcesSpec(limits: ResourceLimits): ResourcesSpec {
  const memory = {
    ...(limits.memoryBytes !== undefined && { limit: limits.memoryBytes }),
    ...(limits.memorySwapBytes !== undefined && { swap: limits.memorySwapBytes }),
    ...(limits.memoryReservationBytes !== undefined && { reservation: limits.memoryReservationBytes }),
    ...(limits.memorySwappiness !== undefined && { swappiness: limits.memorySwappiness }),
    ...(limits.oomKillDisable && { disableOOMKiller: true }),
  };
  const cpu = {
    ...(limits.cpuShares !== undefined && { shares: limits.cpuShares }),
    ...(limits.cpuQuotaUs !== undefined && { quota: limits.cpuQuotaUs }),
    ...(limits.cpuPeriodUs !== undefined && { period: limits.cpuPeriodUs }),
    ...(limits.cpusetCpus !== undefined && { cpus: limits.cpusetCpus }),
    ...(limits.cpusetMems !== undefined && { mems: limits.cpusetMems }),
    ...(limits.cpuRtPeriodUs !== undefined && { realtimePeriod: limits.cpuRtPeriodUs }),
    ...(limits.cpuRtRuntimeUs !== undefined && { realtimeRuntime: limits.cpuRtRuntimeUs }),
  };
  const blockIO = blockIoSpec(limits);
  return {
    ...(Object.keys(memory).length > 0 && { memory }),
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(Object.keys(blockIO).length > 0 && { blockIO }),
    ...(limits.pidsLimit !== undefined && { pids: { limit: limits.pidsLimit } }),
    ...(limits.hugepages !== undefined &&
      countsHugePages() && {
        hugepageLimits: limits.hugepages.map(({ pageSize, limitBytes }) => ({ pageSize, limit: limitBytes })),
      }),
    ...(limits.unified !== undefined && { unified: { ...limits.unified } }),
  };
}

/** Whether there are control groups of huge pages; without, a runtime would fail for limits of them. */
export function countsHugePages(cgroups: string = '/sys/fs/cgroup'): boolean {
  const controllers = join(cgroups, 'cgroup.controllers');
  if (existsSync(controllers)) return readFileSync(controllers, 'utf8').trim().split(' ').includes('hugetlb');
  return existsSync(join(cgroups, 'hugetlb'));
}
