// SPDX-License-Identifier: Apache-2.0
import type { ResourceLimits } from '../types/container-options.ts';
import type { ResourcesSpec } from '../types/runtime-handler.ts';

/** Limits in the words of the runtime spec. */
export function resourcesSpec(limits: ResourceLimits): ResourcesSpec {
  const memory = {
    ...(limits.memoryBytes !== undefined && { limit: limits.memoryBytes }),
    ...(limits.memorySwapBytes !== undefined && { swap: limits.memorySwapBytes }),
    ...(limits.memoryReservationBytes !== undefined && { reservation: limits.memoryReservationBytes }),
  };
  const cpu = {
    ...(limits.cpuShares !== undefined && { shares: limits.cpuShares }),
    ...(limits.cpuQuotaUs !== undefined && { quota: limits.cpuQuotaUs }),
    ...(limits.cpuPeriodUs !== undefined && { period: limits.cpuPeriodUs }),
    ...(limits.cpusetCpus !== undefined && { cpus: limits.cpusetCpus }),
    ...(limits.cpusetMems !== undefined && { mems: limits.cpusetMems }),
  };
  return {
    ...(Object.keys(memory).length > 0 && { memory }),
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(limits.pidsLimit !== undefined && { pids: { limit: limits.pidsLimit } }),
    ...(limits.unified !== undefined && { unified: { ...limits.unified } }),
  };
}
