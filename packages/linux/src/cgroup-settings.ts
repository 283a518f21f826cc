// SPDX-License-Identifier: Apache-2.0

/** Limits of a control group, in the words of the runtime spec. */
export interface CgroupLimits {
  readonly memory?: { readonly limit?: Amount; readonly swap?: Amount };
  readonly cpu?: {
    readonly shares?: Amount;
    readonly quota?: Amount;
    readonly period?: Amount;
    readonly cpus?: string;
    readonly mems?: string;
  };
  readonly blockIO?: {
    readonly weight?: number;
    readonly weightDevice?: readonly DeviceWeight[];
    readonly throttleReadBpsDevice?: readonly DeviceRate[];
    readonly throttleWriteBpsDevice?: readonly DeviceRate[];
  };
}

interface Device {
  readonly major: number;
  readonly minor: number;
}
interface DeviceWeight extends Device {
  readonly weight?: number;
}
interface DeviceRate extends Device {
  readonly rate?: Amount;
}
type Amount = number | bigint;

/** A file of a control group, by the names that kernels have for it, and what is to be written. */
export interface CgroupSetting {
  readonly controller: string;
  readonly files: readonly string[];
  readonly value: string;
}

/** What to write for limits, in this order. */
export function cgroupSettings(
  { memory = {}, cpu = {}, blockIO = {} }: CgroupLimits,
  version: 1 | 2,
): readonly CgroupSetting[] {
  const settings: CgroupSetting[] = [];
  const add = (controller: string, value: unknown, ...files: string[]): void => {
    if (value !== undefined) settings.push({ controller, files, value: String(value) });
  };
  const { limit, swap } = memory;
  const weightOf = (weight: number | undefined): number | undefined =>
    weight === undefined || version === 1 ? weight : 1 + Math.floor(((weight - 10) * 9999) / 990);
  const block = version === 1 ? 'blkio' : 'io';
  if (version === 1) {
    // Together they must never be less than memory alone.
    add('memory', limit, 'memory.limit_in_bytes');
    add('memory', swap, 'memory.memsw.limit_in_bytes');
    add('cpu', cpu.shares, 'cpu.shares');
    add('cpu', cpu.period, 'cpu.cfs_period_us');
    add('cpu', cpu.quota, 'cpu.cfs_quota_us');
  } else {
    add('memory', limit, 'memory.max');
    // Version 2 counts swap by itself.
    if (swap !== undefined)
      add(
        'memory',
        Number(swap) === -1 ? 'max' : Math.max(0, Number(swap) - Number(limit ?? 0)),
        'memory.swap.max',
      );
    if (cpu.shares !== undefined)
      add('cpu', 1 + Math.floor(((Math.max(2, Number(cpu.shares)) - 2) * 9999) / 262_142), 'cpu.weight');
    if (cpu.quota !== undefined || cpu.period !== undefined)
      add('cpu', `${(cpu.quota ?? -1) > 0 ? cpu.quota : 'max'} ${cpu.period ?? 100_000}`, 'cpu.max');
  }
  add('cpuset', cpu.cpus, 'cpuset.cpus');
  add('cpuset', cpu.mems, 'cpuset.mems');
  add(block, weightOf(blockIO.weight), `${block}.weight`, `${block}.bfq.weight`);
  for (const { major, minor, weight } of blockIO.weightDevice ?? []) {
    const names = version === 1 ? ['blkio.weight_device', 'blkio.bfq.weight_device'] : ['io.bfq.weight'];
    add(block, `${major}:${minor} ${weightOf(weight)}`, ...names);
  }
  for (const [rates, file, key] of [
    [blockIO.throttleReadBpsDevice, 'blkio.throttle.read_bps_device', 'rbps'],
    [blockIO.throttleWriteBpsDevice, 'blkio.throttle.write_bps_device', 'wbps'],
  ] as const) {
    for (const { major, minor, rate } of rates ?? []) {
      if (version === 1) add(block, `${major}:${minor} ${rate}`, file);
      else add(block, `${major}:${minor} ${key}=${rate}`, 'io.max');
    }
  }
  return settings;
}
