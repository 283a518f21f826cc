// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockIoWeightToIoWeight,
  type CgroupV2Options,
  cgroupV2Files,
  cpuSharesToWeight,
  cpuSharesToWeightLinear,
  type LinuxResources,
  memorySwapToV2,
  toUnifiedResources,
} from './index.ts';

describe('cpu shares as a weight', () => {
  // The ends, their neighbours and the default are those of the tests of github.com/opencontainers/cgroups.
  it.each([
    [0, 0, 0],
    [1, 1, 1],
    [2, 1, 1],
    [3, 2, 1],
    [512, 59, 20],
    [1024, 100, 39],
    [2048, 174, 79],
    [262_143, 10_000, 9999],
    [262_144, 10_000, 10_000],
    [262_145, 10_000, 10_000],
  ])('%i shares are a weight of %i, by the older line of %i', (shares, curve, line) => {
    expect([cpuSharesToWeight(shares), cpuSharesToWeightLinear(shares)]).toEqual([curve, line]);
  });

  it('never becomes less with more shares, nor leaves 1 to 10000', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300_000 }), (shares) => {
        for (const weight of [cpuSharesToWeight, cpuSharesToWeightLinear]) {
          expect(weight(shares)).toBeGreaterThanOrEqual(1);
          expect(weight(shares + 1)).toBeGreaterThanOrEqual(weight(shares));
          expect(weight(shares)).toBeLessThanOrEqual(10_000);
        }
      }),
    );
  });
});

it.each([
  [0, 0],
  [10, 1],
  [100, 910],
  [500, 4950],
  [1000, 10_000],
])('a block weight of %i is an I/O weight of %i', (weight, expected) => {
  expect(blockIoWeightToIoWeight(weight)).toBe(expected);
});

describe('swap without memory', () => {
  it.each([
    ['is the difference of the two limits', 3, 1, 2n],
    ['is none where both are the same', 5, 5, 0n],
    ['is unlimited where it says so', -1, 5, -1n],
    ['is as it says where memory is unlimited', 7, -1, 7n],
    ['is unlimited with memory, where nothing is said', undefined, -1, -1n],
    ['is left alone where nothing is said', undefined, 5, undefined],
    ['is exact beyond 2^53', 2n ** 62n + 1n, 1, 2n ** 62n],
  ])('%s', (_name, swap, memory, expected) => {
    expect(memorySwapToV2(swap, memory)).toBe(expected);
  });

  it.each([
    ['without a limit on memory', 5, undefined],
    ['below that of memory', 5, 6],
  ])('is refused %s', (_name, swap, memory) => {
    expect(() => memorySwapToV2(swap, memory)).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument }),
    );
  });
});

describe('the files of cgroup v2', () => {
  const cases: [string, LinuxResources, Record<string, string>, CgroupV2Options?][] = [
    [
      'are none for no limits',
      { devices: [{ allow: false }], memory: {}, cpu: {}, blockIO: {}, rdma: {} },
      {},
    ],
    [
      'hold limits of memory',
      { memory: { limit: 2, swap: 5, reservation: 1, kernel: -1, disableOOMKiller: false, swappiness: 0 } },
      { 'memory.max': '2', 'memory.swap.max': '3', 'memory.low': '1' },
    ],
    [
      'say max for no limit',
      { memory: { limit: -1, reservation: -1 }, pids: { limit: -1 }, cpu: { quota: -1 } },
      {
        'memory.max': 'max',
        'memory.swap.max': 'max',
        'memory.low': 'max',
        'cpu.max': 'max 100000',
        'pids.max': 'max',
      },
    ],
    ['say nothing of memory that is 0', { memory: { limit: 0, swap: 0, reservation: 0 } }, {}],
    ['keep all digits', { memory: { limit: 9223372036854771712n } }, { 'memory.max': '9223372036854771712' }],
    [
      'hold shares and times of CPUs',
      { cpu: { shares: 1024, quota: 20, period: 50, burst: 5, idle: 0, cpus: '0-1', mems: '0' } },
      {
        'cpu.idle': '0',
        'cpu.weight': '100',
        'cpu.max': '20 50',
        'cpu.max.burst': '5',
        'cpuset.cpus': '0-1',
        'cpuset.mems': '0',
      },
    ],
    [
      'take the older line for shares',
      { cpu: { shares: 1024 } },
      { 'cpu.weight': '39' },
      { cpuWeight: 'linear' },
    ],
    ['leave the quota out of a period alone', { cpu: { period: 50 } }, { 'cpu.max': 'max 50' }],
    ['hold one process where none is asked for', { pids: { limit: 0 } }, { 'pids.max': '1' }],
    [
      'hold a line a device',
      {
        blockIO: {
          weight: 100,
          weightDevice: [
            { major: 8, minor: 0, weight: 1000 },
            { major: 8, minor: 1 },
          ],
          throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }],
          throttleWriteBpsDevice: [{ major: 8, minor: 16, rate: 2n ** 60n }],
          throttleReadIOPSDevice: [{ major: 8, minor: 0, rate: 0 }],
          throttleWriteIOPSDevice: [{ major: 8, minor: 0, rate: 4 }],
        },
      },
      {
        'io.weight': 'default 910\n8:0 10000',
        'io.max': '8:0 rbps=1 riops=max wiops=4\n8:16 wbps=1152921504606846976',
      },
    ],
    [
      'hold weights as they are where the scheduler is BFQ',
      { blockIO: { weight: 100, weightDevice: [{ major: 8, minor: 0, weight: 1000 }] } },
      { 'io.bfq.weight': 'default 100\n8:0 1000' },
      { bfq: true },
    ],
    [
      'hold huge pages and RDMA',
      {
        hugepageLimits: [{ pageSize: '2MB', limit: 2n ** 64n - 1n }],
        rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 4 }, mlx4_0: { hcaObjects: 5 } },
      },
      {
        'hugetlb.2MB.max': '18446744073709551615',
        'rdma.max': 'mlx5_1 hca_handle=3 hca_object=4\nmlx4_0 hca_object=5',
      },
    ],
    [
      'are last what is written by hand',
      { memory: { limit: 5 }, unified: { 'memory.max': '6', 'memory.high': '4' } },
      { 'memory.max': '6', 'memory.high': '4' },
    ],
  ];
  it.each(cases)('%s', (_name, resources, files, options) => {
    expect(cgroupV2Files(resources, options)).toEqual(files);
  });

  const lost: [string, LinuxResources][] = [
    ['memory.swappiness', { memory: { swappiness: 10 } }],
    ['memory.kernel', { memory: { kernel: 10 } }],
    ['memory.kernelTCP', { memory: { kernelTCP: 10n } }],
    ['memory.disableOOMKiller', { memory: { disableOOMKiller: true } }],
    ['memory.useHierarchy', { memory: { useHierarchy: true } }],
    ['cpu.realtimeRuntime', { cpu: { realtimeRuntime: 1 } }],
    ['cpu.realtimePeriod', { cpu: { realtimePeriod: 1 } }],
    ['blockIO.leafWeight', { blockIO: { leafWeight: 10 } }],
    [
      'blockIO.weightDevice.leafWeight',
      { blockIO: { weightDevice: [{ major: 1, minor: 1, leafWeight: 1 }] } },
    ],
    ['network.classID', { network: { classID: 1 } }],
    ['network.priorities', { network: { priorities: [{ name: 'eth0', priority: 1 }] } }],
  ];
  it.each(lost)('are not had for %s', (name, resources) => {
    expect(() => cgroupV2Files(resources)).toThrow(
      expect.objectContaining({ code: Code.Unimplemented, message: expect.stringContaining(`${name}: `) }),
    );
  });
});

it('toUnifiedResources keeps what has no file, and what it does not know', () => {
  const resources = { devices: [{ allow: true }], memory: { limit: 5 }, later: 1 };
  expect(toUnifiedResources(resources)).toEqual({
    devices: [{ allow: true }],
    later: 1,
    unified: { 'memory.max': '5' },
  });
});
