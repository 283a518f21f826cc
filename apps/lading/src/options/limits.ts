// SPDX-License-Identifier: Apache-2.0
import { existsSync, globSync } from 'node:fs';
import { type Flags, usageError } from '@lading/command-line';
import type { ResourceLimits, Rlimit } from '@lading/engine';
import { quote } from '@lading/go-template';
import { readBlockFlags } from './block-io.ts';
import { readCgroupConf } from './control-groups.ts';
import { checkCpuSet } from './cpu-set.ts';
import { parseSize } from './size.ts';

const cpuPeriodUs = 100_000;

/** All limits of a new container. */
export async function readResourceFlags(flags: Flags): Promise<ResourceLimits> {
  // podman's default; 0 and -1 are no limit.
  const pids = flags.given('pids-limit') ? (flags.number('pids-limit') ?? 0) : 2048;
  return {
    ...(await withSwap(readLimitFlags(flags))),
    ...(pids === 0 ? {} : { pidsLimit: pids }),
    ...readBlockFlags(flags),
    ...readRareLimits(flags),
    ...(await readCgroupConf(flags)),
  };
}

/** As much swap as memory, as with podman and docker. */
export async function withSwap(limits: ResourceLimits): Promise<ResourceLimits> {
  const { memoryBytes = 0, memorySwapBytes } = limits;
  const isOpen = memoryBytes > 0 && memorySwapBytes === undefined && (await canLimitSwap());
  return isOpen ? { ...limits, memorySwapBytes: 2 * memoryBytes } : limits;
}

/** What only cgroup v1 has. */
export function readRareLimits(flags: Flags): ResourceLimits {
  const swappiness = flags.int('memory-swappiness') ?? -1;
  if (swappiness < -1 || swappiness > 100) {
    throw usageError(`invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
  const period = flags.number('cpu-rt-period') ?? 0;
  const runtime = flags.int('cpu-rt-runtime') ?? 0;
  return {
    ...(swappiness !== -1 && { memorySwappiness: swappiness }),
    ...(flags.boolean('oom-kill-disable') && { oomKillDisable: true }),
    ...(period !== 0 && { cpuRtPeriodUs: period }),
    ...(runtime !== 0 && { cpuRtRuntimeUs: runtime }),
  };
}

/** What `update` changes of the limits that a container has. */
export async function readChangedLimits(flags: Flags, current: ResourceLimits = {}): Promise<ResourceLimits> {
  return {
    ...(await withSwap(readLimitFlags(flags, current))),
    ...readBlockFlags(flags),
    ...readRareLimits(flags),
    ...(flags.given('pids-limit') && { pidsLimit: flags.int('pids-limit') || -1 }),
  };
}

/** `--memory…` and `--cpu…`; `current` has the memory that the flags say nothing of. */
export function readLimitFlags(flags: Flags, current: ResourceLimits = {}): ResourceLimits {
  const memory = flags.string('memory');
  const cpus = flags.number('cpus') ?? 0;
  const cpuShares = flags.number('cpu-shares') ?? 0;
  if (cpus < 0 || (cpus > 0 && cpus < 0.01)) throw usageError('--cpus must be at least 0.01');
  const memoryBytes = memory === undefined || memory === '' ? 0 : parseSize(memory);
  const swap = flags.string('memory-swap') || undefined;
  const reservation = flags.string('memory-reservation') || undefined;
  const period = flags.number('cpu-period') ?? 0;
  const quota = flags.number('cpu-quota') ?? 0;
  const cpusetCpus = flags.string('cpuset-cpus') || undefined;
  const cpusetMems = flags.string('cpuset-mems') || undefined;
  if (cpus > 0 && (period !== 0 || quota !== 0)) {
    throw usageError('--cpu-period and --cpu-quota cannot be set with --cpus');
  }
  const limitBytes = memoryBytes || (current.memoryBytes ?? 0);
  // No limit of swap is what there is without a limit of memory.
  const isOpen = swap === '-1' && limitBytes === 0;
  const memorySwapBytes = swap === undefined || isOpen ? undefined : swap === '-1' ? -1 : parseSize(swap);
  if (memorySwapBytes !== undefined && limitBytes === 0) {
    throw usageError('--memory-swap must be used with --memory');
  }
  if (memorySwapBytes !== undefined && memorySwapBytes !== -1 && memorySwapBytes < limitBytes) {
    throw usageError('--memory-swap must be at least --memory, as it counts both together');
  }
  return {
    ...(memoryBytes === 0 ? {} : { memoryBytes }),
    ...(memorySwapBytes === undefined ? {} : { memorySwapBytes }),
    ...(reservation === undefined ? {} : { memoryReservationBytes: parseSize(reservation) }),
    ...(cpus === 0 ? {} : { cpuPeriodUs, cpuQuotaUs: Math.round(cpus * cpuPeriodUs) }),
    ...(period === 0 ? {} : { cpuPeriodUs: period }),
    ...(quota === 0 ? {} : { cpuQuotaUs: quota }),
    ...(cpusetCpus === undefined ? {} : { cpusetCpus: checkCpuSet('cpuset-cpus', cpusetCpus) }),
    ...(cpusetMems === undefined ? {} : { cpusetMems: checkCpuSet('cpuset-mems', cpusetMems) }),
    ...(cpuShares === 0 ? {} : { cpuShares }),
  };
}

/** `NAME=SOFT[:HARD]`; -1 and `unlimited` mean no limit. */
export function parseUlimit(text: string): Rlimit {
  const match = /^([a-z]+)=(-1|\d+|unlimited)(?::(-1|\d+|unlimited))?$/i.exec(text);
  if (match === null) throw usageError(`invalid ulimit argument: ${quote(text)}: use NAME=SOFT[:HARD]`);
  const value = (word: string): number => (word === 'unlimited' ? -1 : Number(word));
  const soft = value(match[2] ?? '');
  const hard = match[3] === undefined ? soft : value(match[3]);
  const unlimited = (limit: number): boolean => limit === -1;
  if (!unlimited(hard) && (unlimited(soft) || soft > hard))
    throw usageError(`ulimit soft limit must be less than or equal to hard limit: ${quote(text)}`);
  return { type: (match[1] ?? '').toLowerCase(), soft, hard };
}

/** False where the kernel does not count swap. */
async function canLimitSwap(): Promise<boolean> {
  const { cgroupVersion } = await import('@lading/linux');
  if ((await cgroupVersion()) === 1) return existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes');
  return globSync('/sys/fs/cgroup/*/memory.swap.max').length > 0;
}
