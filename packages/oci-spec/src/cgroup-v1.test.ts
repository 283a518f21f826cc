// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { cgroupV1Files, type LinuxResources } from './index.ts';

describe('the files of cgroup v1', () => {
  const cases: [string, LinuxResources, Record<string, string>][] = [
    [
      'are none for no limits',
      { devices: [{ allow: false }], memory: {}, cpu: {}, blockIO: {}, rdma: {} },
      {},
    ],
    [
      'hold limits of memory',
      { memory: { limit: 2, swap: 5, reservation: 1, swappiness: 0, disableOOMKiller: true, kernel: 9 } },
      {
        'memory/memory.limit_in_bytes': '2',
        'memory/memory.memsw.limit_in_bytes': '5',
        'memory/memory.soft_limit_in_bytes': '1',
        'memory/memory.swappiness': '0',
        'memory/memory.oom_control': '1',
      },
    ],
    [
      'leave swap unlimited with memory',
      { memory: { limit: -1 } },
      { 'memory/memory.limit_in_bytes': '-1', 'memory/memory.memsw.limit_in_bytes': '-1' },
    ],
    [
      'hold shares and times of CPUs',
      {
        cpu: {
          shares: 2,
          quota: -1,
          period: 5,
          burst: 0,
          realtimeRuntime: 7,
          realtimePeriod: 8,
          idle: 0,
          cpus: '0',
          mems: '1',
        },
      },
      {
        'cpu/cpu.shares': '2',
        'cpu/cpu.cfs_period_us': '5',
        'cpu/cpu.cfs_quota_us': '-1',
        'cpu/cpu.cfs_burst_us': '0',
        'cpu/cpu.rt_period_us': '8',
        'cpu/cpu.rt_runtime_us': '7',
        'cpu/cpu.idle': '0',
        'cpuset/cpuset.cpus': '0',
        'cpuset/cpuset.mems': '1',
      },
    ],
    ['say max for any number of processes', { pids: { limit: -1 } }, { 'pids/pids.max': 'max' }],
    ['hold one process where none is asked for', { pids: { limit: 0 } }, { 'pids/pids.max': '1' }],
    [
      'hold a line a device',
      {
        blockIO: {
          weight: 100,
          leafWeight: 20,
          weightDevice: [
            { major: 8, minor: 0, weight: 300, leafWeight: 40 },
            { major: 8, minor: 16, weight: 500 },
          ],
          throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 2n ** 60n }],
          throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 0 }],
        },
      },
      {
        'blkio/blkio.weight': '100',
        'blkio/blkio.leaf_weight': '20',
        'blkio/blkio.weight_device': '8:0 300\n8:16 500',
        'blkio/blkio.leaf_weight_device': '8:0 40',
        'blkio/blkio.throttle.read_bps_device': '8:0 1152921504606846976',
        'blkio/blkio.throttle.write_iops_device': '8:0 0',
      },
    ],
    [
      'hold the rest',
      {
        hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
        network: { classID: 7, priorities: [{ name: 'eth0', priority: 5 }] },
        rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 4 } },
      },
      {
        'hugetlb/hugetlb.2MB.limit_in_bytes': '0',
        'net_cls/net_cls.classid': '7',
        'net_prio/net_prio.ifpriomap': 'eth0 5',
        'rdma/rdma.max': 'mlx5_1 hca_handle=3 hca_object=4',
      },
    ],
  ];
  it.each(cases)('%s', (_name, resources, files) => {
    expect(cgroupV1Files(resources)).toEqual(files);
  });
});
