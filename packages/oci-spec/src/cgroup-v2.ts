// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  blockIoWeightToIoWeight,
  cpuSharesToWeight,
  cpuSharesToWeightLinear,
  memorySwapToV2,
} from './cgroup-conversions.ts';
import type { BlockIoResources, CpuResources, LinuxResources, MemoryResources } from './linux-resources.ts';

/** How limits of cgroup v1 become those of v2. */
export interface CgroupV2Options {
  /** How shares become a weight: `curve` as runc 1.3.2 and crun 1.23 (the default), `linear` as before. */
  readonly cpuWeight?: 'curve' | 'linear' | undefined;
  /** True where io.bfq.weight exists, which takes weights as they are. Default false: io.weight, converted. */
  readonly bfq?: boolean | undefined;
}

type Files = Record<string, string>;

/**
 * What a runtime writes into which files of a cgroup of version 2; several lines of a file are written one by
 * one. `unified` comes last and wins. Rules of devices are a program in the kernel, not a file.
 *
 * @throws LadingError `unimplemented` for what v2 does not have (swappiness, kernel memory, the OOM killer's
 * switch, real-time scheduling, leaf weights, classes of network), `invalid_argument` for impossible swap
 *
 * @example
 * ```ts
 * import { cgroupV2Files } from '@lading/oci-spec';
 *
 * const files = cgroupV2Files({ memory: { limit: 1024, swap: 3072 }, cpu: { quota: 50_000 }, pids: { limit: -1 } });
 * for (const [file, value] of Object.entries(files)) console.log(`${file} = ${value}`);
 * // → memory.max = 1024
 * // → memory.swap.max = 2048
 * // → cpu.max = 50000 100000
 * // → pids.max = max
 * ```
 */
export function cgroupV2Files(
  resources: LinuxResources,
  options: CgroupV2Options = {},
): Readonly<Record<string, string>> {
  const { memory, cpu, pids, blockIO, hugepageLimits = [], network, rdma = {}, unified } = resources;
  if (network?.classID) throw missing('network.classID');
  if (network?.priorities?.length) throw missing('network.priorities');
  const files: Files = {
    ...(memory && memoryFiles(memory)),
    ...(cpu && cpuFiles(cpu, options)),
    ...(blockIO && ioFiles(blockIO, options)),
  };
  // systemd cannot set 0, so that runtimes write 1: the process itself.
  if (pids?.limit !== undefined) files['pids.max'] = limit(Math.max(pids.limit, -1) || 1);
  for (const { pageSize, limit: bytes } of hugepageLimits) files[`hugetlb.${pageSize}.max`] = String(bytes);
  const devices = Object.entries(rdma).map(([device, { hcaHandles, hcaObjects }]) =>
    [
      device,
      ...(hcaHandles === undefined ? [] : [`hca_handle=${hcaHandles}`]),
      ...(hcaObjects === undefined ? [] : [`hca_object=${hcaObjects}`]),
    ].join(' '),
  );
  if (devices.length > 0) files['rdma.max'] = devices.join('\n');
  return { ...files, ...unified };
}

/** 0 is unset, as runtimes have it. */
function memoryFiles(memory: MemoryResources): Files {
  for (const name of ['kernel', 'kernelTCP', 'swappiness', 'useHierarchy', 'disableOOMKiller'] as const) {
    // -1 and false ask for what v2 does anyway.
    if (memory[name] && memory[name] !== -1) throw missing(`memory.${name}`);
  }
  const swap = memorySwapToV2(memory.swap, memory.limit);
  return {
    ...(memory.limit && { 'memory.max': limit(memory.limit) }),
    ...(swap !== undefined && { 'memory.swap.max': limit(swap) }),
    ...(memory.reservation && { 'memory.low': limit(memory.reservation) }),
  };
}

function cpuFiles(cpu: CpuResources, options: CgroupV2Options): Files {
  if (cpu.realtimeRuntime) throw missing('cpu.realtimeRuntime');
  if (cpu.realtimePeriod) throw missing('cpu.realtimePeriod');
  const weight = options.cpuWeight === 'linear' ? cpuSharesToWeightLinear : cpuSharesToWeight;
  const { quota = 0, period = 0 } = cpu;
  return {
    ...(cpu.idle !== undefined && { 'cpu.idle': String(cpu.idle) }),
    ...(cpu.shares && { 'cpu.weight': String(weight(cpu.shares)) }),
    ...((quota || period) && { 'cpu.max': `${quota > 0 ? quota : 'max'} ${period || 100_000}` }),
    ...(cpu.burst !== undefined && { 'cpu.max.burst': String(cpu.burst) }),
    ...(cpu.cpus && { 'cpuset.cpus': cpu.cpus }),
    ...(cpu.mems && { 'cpuset.mems': cpu.mems }),
  };
}

function ioFiles(io: BlockIoResources, { bfq = false }: CgroupV2Options): Files {
  if (io.leafWeight) throw missing('blockIO.leafWeight');
  const weightOf = bfq ? (weight: number): number => weight : blockIoWeightToIoWeight;
  const weights = io.weight ? [`default ${weightOf(io.weight)}`] : [];
  for (const { major, minor, weight, leafWeight } of io.weightDevice ?? []) {
    if (leafWeight) throw missing('blockIO.weightDevice.leafWeight');
    if (weight) weights.push(`${major}:${minor} ${weightOf(weight)}`);
  }
  const rates = new Map<string, string[]>();
  for (const [key, devices] of [
    ['rbps', io.throttleReadBpsDevice],
    ['wbps', io.throttleWriteBpsDevice],
    ['riops', io.throttleReadIOPSDevice],
    ['wiops', io.throttleWriteIOPSDevice],
  ] as const) {
    for (const { major, minor, rate } of devices ?? []) {
      const device = `${major}:${minor}`;
      // 0 ends a limit on v1.
      rates.set(device, [...(rates.get(device) ?? []), `${key}=${rate || 'max'}`]);
    }
  }
  const lines = [...rates].map(([device, keys]) => `${device} ${keys.join(' ')}`);
  return {
    ...(weights.length > 0 && { [bfq ? 'io.bfq.weight' : 'io.weight']: weights.join('\n') }),
    ...(lines.length > 0 && { 'io.max': lines.join('\n') }),
  };
}

function limit(value: number | bigint): string {
  return value < 0 ? 'max' : String(value);
}

function missing(name: string): LadingError {
  return new LadingError(Code.Unimplemented, `${name}: cgroup v2 has nothing of the kind; leave it out`);
}
