// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { parseIoStat, parseThrottle } from './cgroup-io.ts';
import { type CgroupPressure, parsePressure } from './cgroup-pressure.ts';

/** Where the control groups of one path are: a folder with version 2, one a controller with version 1. */
export interface CgroupPlace {
  /** The hierarchy's mount. */
  readonly root: string;
  readonly version: 1 | 2;
  /** `/kubepods/pod1/c1`, below the mount. */
  readonly path: string;
}

/** What a control group has used of one block device. */
export interface CgroupDeviceUsage {
  readonly major: number;
  readonly minor: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly reads: number;
  readonly writes: number;
}

/** Huge pages of one size, such as `2MB`. */
export interface CgroupHugePages {
  readonly pageSize: string;
  readonly usageBytes: number;
  /** Version 2 does not count it. */
  readonly maxUsageBytes?: number;
}

/** All counters of a control group. What the kernel does not count there is 0, or left out where that can be. */
export interface CgroupUsage {
  readonly cpu: {
    readonly usageNs: bigint;
    readonly userNs: bigint;
    readonly systemNs: bigint;
    readonly periods: number;
    readonly throttledPeriods: number;
    readonly throttledNs: bigint;
  };
  readonly memory: {
    readonly usageBytes: number;
    readonly maxUsageBytes: number;
    /** Usage less the file cache that the kernel would drop first. */
    readonly workingSetBytes: number;
    /** Left out when there is none. */
    readonly limitBytes?: number;
    readonly rssBytes: number;
    readonly cacheBytes: number;
    readonly mappedFileBytes: number;
    readonly kernelBytes: number;
    readonly swapBytes: number;
    /** Left out when there is none, or the kernel does not count swap. */
    readonly swapLimitBytes?: number;
    /** How often the limit was hit. */
    readonly limitHits: number;
    readonly pageFaults: number;
    readonly majorPageFaults: number;
    readonly oomKills: number;
  };
  /** Processes and their threads. */
  readonly tasks: number;
  /** Left out when there is no limit. */
  readonly taskLimit?: number;
  readonly devices: readonly CgroupDeviceUsage[];
  readonly hugePages: readonly CgroupHugePages[];
  /** With version 2, where the kernel measures pressure. */
  readonly pressure: {
    readonly cpu?: CgroupPressure;
    readonly memory?: CgroupPressure;
    readonly io?: CgroupPressure;
  };
}

/**
 * Reads all counters of a control group, those of its children among them; `undefined` when there is none. The files
 * are the kernel's own memory: they are read at once, without a thread, which costs less than to ask for one.
 */
export function readCgroupUsage(place: CgroupPlace): CgroupUsage | undefined {
  return place.version === 2 ? readVersion2(join(place.root, place.path)) : readVersion1(place);
}

/** Ids of the processes of a control group and of those below it; none when there is no such group. */
export function listCgroupProcesses({ root, version, path }: CgroupPlace): readonly number[] {
  const top = version === 2 ? join(root, path) : join(root, 'pids', path);
  const found: number[] = [];
  const folders = [top];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const here = folder;
    const text = readOptional(join(here, 'cgroup.procs')) ?? '';
    for (const row of text.split('\n')) if (row !== '') found.push(Number(row));
    const entries = unlessGone(() => readdirSync(here, { withFileTypes: true })) ?? [];
    for (const entry of entries) if (entry.isDirectory()) folders.push(join(here, entry.name));
  }
  return found;
}

function readVersion1({ root, path }: CgroupPlace): CgroupUsage | undefined {
  const read = (controller: string, name: string): string | undefined =>
    readOptional(join(root, controller, path, name));
  const usage = read('memory', 'memory.usage_in_bytes');
  const cpuUsage = read('cpuacct', 'cpuacct.usage');
  if (usage === undefined && cpuUsage === undefined) return undefined;
  const cpu = table(read('cpu', 'cpu.stat'));
  const memory = table(read('memory', 'memory.stat'));
  const memoryAndSwapLimit = limit(read('memory', 'memory.memsw.limit_in_bytes'));
  const memoryLimit = limit(read('memory', 'memory.limit_in_bytes'));
  return {
    cpu: {
      usageNs: BigInt(number(cpuUsage)),
      userNs: BigInt(number(read('cpuacct', 'cpuacct.usage_user'))),
      systemNs: BigInt(number(read('cpuacct', 'cpuacct.usage_sys'))),
      periods: cpu('nr_periods'),
      throttledPeriods: cpu('nr_throttled'),
      throttledNs: BigInt(cpu('throttled_time')),
    },
    memory: {
      usageBytes: number(usage),
      maxUsageBytes: number(read('memory', 'memory.max_usage_in_bytes')),
      workingSetBytes: Math.max(0, number(usage) - memory('total_inactive_file')),
      ...optional('limitBytes', memoryLimit),
      rssBytes: memory('total_rss'),
      cacheBytes: memory('total_cache'),
      mappedFileBytes: memory('total_mapped_file'),
      kernelBytes: number(read('memory', 'memory.kmem.usage_in_bytes')),
      swapBytes: memory('total_swap'),
      ...optional(
        'swapLimitBytes',
        memoryAndSwapLimit === undefined ? undefined : Math.max(0, memoryAndSwapLimit - (memoryLimit ?? 0)),
      ),
      limitHits: number(read('memory', 'memory.failcnt')),
      pageFaults: memory('total_pgfault'),
      majorPageFaults: memory('total_pgmajfault'),
      oomKills: table(read('memory', 'memory.oom_control'))('oom_kill'),
    },
    tasks: number(read('pids', 'pids.current')),
    ...optional('taskLimit', limit(read('pids', 'pids.max'))),
    devices: parseThrottle(
      read('blkio', 'blkio.throttle.io_service_bytes_recursive') ?? '',
      read('blkio', 'blkio.throttle.io_serviced_recursive') ?? '',
    ),
    hugePages: hugePages(join(root, 'hugetlb', path), 'usage_in_bytes', 'max_usage_in_bytes'),
    pressure: {},
  };
}

function readVersion2(folder: string): CgroupUsage | undefined {
  const read = (name: string): string | undefined => readOptional(join(folder, name));
  const cpuText = read('cpu.stat');
  if (cpuText === undefined) return undefined;
  const cpu = table(cpuText);
  const nanoseconds = (key: string): bigint => BigInt(cpu(key)) * 1000n;
  const memory = table(read('memory.stat'));
  const events = table(read('memory.events'));
  const usage = number(read('memory.current'));
  return {
    cpu: {
      usageNs: nanoseconds('usage_usec'),
      userNs: nanoseconds('user_usec'),
      systemNs: nanoseconds('system_usec'),
      periods: cpu('nr_periods'),
      throttledPeriods: cpu('nr_throttled'),
      throttledNs: nanoseconds('throttled_usec'),
    },
    memory: {
      usageBytes: usage,
      maxUsageBytes: number(read('memory.peak')),
      workingSetBytes: Math.max(0, usage - memory('inactive_file')),
      ...optional('limitBytes', limit(read('memory.max'))),
      rssBytes: memory('anon'),
      cacheBytes: memory('file'),
      mappedFileBytes: memory('file_mapped'),
      kernelBytes: memory('kernel'),
      swapBytes: number(read('memory.swap.current')),
      ...optional('swapLimitBytes', limit(read('memory.swap.max'))),
      limitHits: events('max'),
      pageFaults: memory('pgfault'),
      majorPageFaults: memory('pgmajfault'),
      oomKills: events('oom_kill'),
    },
    tasks: number(read('pids.current')),
    ...optional('taskLimit', limit(read('pids.max'))),
    devices: parseIoStat(read('io.stat') ?? ''),
    hugePages: hugePages(folder, 'current'),
    pressure: {
      ...optional('cpu', parsePressure(read('cpu.pressure'))),
      ...optional('memory', parsePressure(read('memory.pressure'))),
      ...optional('io', parsePressure(read('io.pressure'))),
    },
  };
}

function hugePages(folder: string, usage: string, max?: string): readonly CgroupHugePages[] {
  const pages: CgroupHugePages[] = [];
  for (const file of listOptional(folder)) {
    const [, pageSize] = /^hugetlb\.(\d+[KMG]B)\.(?:usage_in_bytes|current)$/.exec(file) ?? [];
    if (pageSize === undefined || !file.endsWith(usage)) continue;
    const read = (name: string): number => number(readOptional(join(folder, `hugetlb.${pageSize}.${name}`)));
    pages.push({ pageSize, usageBytes: read(usage), ...(max !== undefined && { maxUsageBytes: read(max) }) });
  }
  return pages;
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}

/** Lines of `key number`. */
function table(text: string | undefined): (key: string) => number {
  const values = new Map<string, number>();
  for (const line of (text ?? '').split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) values.set(line.slice(0, space), number(line.slice(space + 1)));
  }
  return (key) => values.get(key) ?? 0;
}

/** Version 1 writes "no limit" as the largest multiple of a page below 2^63. */
const noLimit = 2 ** 60;

function limit(text: string | undefined): number | undefined {
  const value = number(text, noLimit);
  return value < noLimit ? value : undefined;
}

function number(text: string | undefined, fallback = 0): number {
  const trimmed = text?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : fallback;
}

function readOptional(path: string): string | undefined {
  return unlessGone(() => readFileSync(path, 'utf8'));
}

function listOptional(path: string): readonly string[] {
  return unlessGone(() => readdirSync(path)) ?? [];
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    // ENODEV: the group went while it was open. EOPNOTSUPP: pressure is switched off.
    if (['ENOENT', 'ENOTDIR', 'ENODEV', 'EOPNOTSUPP', 'ENOTSUP'].includes(failure.reason ?? ''))
      return undefined;
    throw failure;
  }
}
