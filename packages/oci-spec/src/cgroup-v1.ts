// SPDX-License-Identifier: Apache-2.0
import type { LinuxResources, ThrottleDevice } from './linux-resources.ts';

/**
 * What a runtime writes into which files of the cgroups of version 1, by controller and file; several lines of
 * a file are written one by one. 0 is unset, as runtimes have it. Left out are kernel memory, which kernels no
 * longer limit, and rules of devices, whose order goes across two files.
 *
 * @example
 * ```ts
 * import { cgroupV1Files } from '@lading/oci-spec';
 *
 * console.log(cgroupV1Files({ memory: { limit: 1024 } })); // → { 'memory/memory.limit_in_bytes': '1024' }
 * ```
 */
export function cgroupV1Files(resources: LinuxResources): Readonly<Record<string, string>> {
  const {
    memory = {},
    cpu = {},
    pids,
    blockIO = {},
    hugepageLimits = [],
    network = {},
    rdma = {},
  } = resources;
  const files = new Map<string, string>();
  const set = (file: string, value: string | number | bigint | undefined): void => {
    const name = `${file.slice(0, file.indexOf('.'))}/${file}`;
    if (!value) return;
    const before = files.get(name);
    files.set(name, before === undefined ? String(value) : `${before}\n${value}`);
  };
  set('memory.limit_in_bytes', memory.limit);
  // Unlimited memory without a word on swap is unlimited swap.
  set('memory.memsw.limit_in_bytes', memory.swap || (memory.limit === -1 ? -1 : undefined));
  set('memory.soft_limit_in_bytes', memory.reservation);
  set('memory.swappiness', memory.swappiness === undefined ? undefined : String(memory.swappiness));
  set('memory.oom_control', memory.disableOOMKiller ? 1 : undefined);
  set('cpu.shares', cpu.shares);
  set('cpu.cfs_period_us', cpu.period);
  set('cpu.cfs_quota_us', cpu.quota);
  set('cpu.cfs_burst_us', cpu.burst === undefined ? undefined : String(cpu.burst));
  set('cpu.rt_period_us', cpu.realtimePeriod);
  set('cpu.rt_runtime_us', cpu.realtimeRuntime);
  set('cpu.idle', cpu.idle === undefined ? undefined : String(cpu.idle));
  set('cpuset.cpus', cpu.cpus);
  set('cpuset.mems', cpu.mems);
  // systemd cannot set 0, so that runtimes write 1: the process itself.
  if (pids?.limit !== undefined) set('pids.max', pids.limit < 0 ? 'max' : pids.limit || 1);
  set('blkio.weight', blockIO.weight);
  set('blkio.leaf_weight', blockIO.leafWeight);
  for (const { major, minor, weight, leafWeight } of blockIO.weightDevice ?? []) {
    if (weight) set('blkio.weight_device', `${major}:${minor} ${weight}`);
    if (leafWeight) set('blkio.leaf_weight_device', `${major}:${minor} ${leafWeight}`);
  }
  const throttle = (file: string, devices: readonly ThrottleDevice[] = []): void => {
    for (const { major, minor, rate = 0 } of devices) set(file, `${major}:${minor} ${rate}`);
  };
  throttle('blkio.throttle.read_bps_device', blockIO.throttleReadBpsDevice);
  throttle('blkio.throttle.write_bps_device', blockIO.throttleWriteBpsDevice);
  throttle('blkio.throttle.read_iops_device', blockIO.throttleReadIOPSDevice);
  throttle('blkio.throttle.write_iops_device', blockIO.throttleWriteIOPSDevice);
  for (const { pageSize, limit } of hugepageLimits) set(`hugetlb.${pageSize}.limit_in_bytes`, String(limit));
  set('net_cls.classid', network.classID);
  for (const { name, priority } of network.priorities ?? []) set('net_prio.ifpriomap', `${name} ${priority}`);
  for (const [device, { hcaHandles, hcaObjects }] of Object.entries(rdma)) {
    const handles = hcaHandles === undefined ? '' : ` hca_handle=${hcaHandles}`;
    set('rdma.max', `${device}${handles}${hcaObjects === undefined ? '' : ` hca_object=${hcaObjects}`}`);
  }
  return Object.fromEntries(files);
}
