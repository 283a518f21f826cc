// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listCgroupProcesses, readCgroupUsage } from './cgroup-usage.ts';

// Version 2 is read from files in the form of its documentation; tests with containers run where version 1 is.
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lading-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
};

it('reads all counters of version 2, pressure among them', () => {
  write({
    'pod/c/cpu.stat':
      'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 10\nnr_throttled 4\nthrottled_usec 70\n',
    'pod/c/cpu.pressure':
      'some avg10=1.50 avg60=0.25 avg300=0.00 total=63778\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=10\n',
    'pod/c/memory.current': '1000\n',
    'pod/c/memory.peak': '2000\n',
    'pod/c/memory.max': '4096\n',
    'pod/c/memory.stat':
      'anon 11\nfile 400\nkernel 33\nfile_mapped 44\ninactive_file 300\npgfault 55\npgmajfault 6\n',
    'pod/c/memory.events': 'low 0\nhigh 0\nmax 7\noom 1\noom_kill 2\n',
    'pod/c/memory.swap.current': '8\n',
    'pod/c/memory.swap.max': 'max\n',
    'pod/c/memory.pressure': '',
    'pod/c/io.stat': '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n259:1 rbytes=9\n',
    'pod/c/pids.current': '3\n',
    'pod/c/pids.max': 'max\n',
    'pod/c/hugetlb.2MB.current': '2097152\n',
    'pod/c/hugetlb.2MB.max': 'max\n',
    'pod/c/hugetlb.2MB.rsvd.current': '1\n',
  });
  expect(readCgroupUsage({ root, version: 2, path: '/pod/c' })).toEqual({
    cpu: {
      usageNs: 1_500_000n,
      userNs: 1_000_000n,
      systemNs: 500_000n,
      periods: 10,
      throttledPeriods: 4,
      throttledNs: 70_000n,
    },
    memory: {
      usageBytes: 1000,
      maxUsageBytes: 2000,
      workingSetBytes: 700,
      limitBytes: 4096,
      rssBytes: 11,
      cacheBytes: 400,
      mappedFileBytes: 44,
      kernelBytes: 33,
      swapBytes: 8,
      limitHits: 7,
      pageFaults: 55,
      majorPageFaults: 6,
      oomKills: 2,
    },
    tasks: 3,
    devices: [
      { major: 8, minor: 0, readBytes: 1, writtenBytes: 2, reads: 3, writes: 4 },
      { major: 259, minor: 1, readBytes: 9, writtenBytes: 0, reads: 0, writes: 0 },
    ],
    hugePages: [{ pageSize: '2MB', usageBytes: 2097152 }],
    pressure: {
      cpu: {
        some: { avg10: 1.5, avg60: 0.25, avg300: 0, totalUs: 63778n },
        full: { avg10: 0, avg60: 0, avg300: 0, totalUs: 10n },
      },
    },
  });
});

it('reads all counters of version 1, a folder a controller', () => {
  write({
    'cpuacct/c/cpuacct.usage': '99\n',
    'cpuacct/c/cpuacct.usage_user': '60\n',
    'cpuacct/c/cpuacct.usage_sys': '39\n',
    'cpu/c/cpu.stat': 'nr_periods 1\nnr_throttled 2\nthrottled_time 3\n',
    'memory/c/memory.usage_in_bytes': '1000\n',
    'memory/c/memory.max_usage_in_bytes': '1200\n',
    'memory/c/memory.limit_in_bytes': '4096\n',
    'memory/c/memory.memsw.limit_in_bytes': '5000\n',
    'memory/c/memory.failcnt': '4\n',
    'memory/c/memory.kmem.usage_in_bytes': '5\n',
    'memory/c/memory.stat':
      'rss 1\ntotal_cache 20\ntotal_rss 30\ntotal_mapped_file 40\ntotal_swap 50\ntotal_pgfault 60\ntotal_pgmajfault 70\ntotal_inactive_file 2000\n',
    'memory/c/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
    'pids/c/pids.current': '2\n',
    'pids/c/pids.max': '100\n',
    'blkio/c/blkio.throttle.io_service_bytes_recursive':
      '8:0 Read 10\n8:0 Write 20\n8:0 Total 30\nTotal 30\n',
    'blkio/c/blkio.throttle.io_serviced_recursive': '8:0 Read 1\n8:0 Write 2\n',
    'hugetlb/c/hugetlb.1GB.usage_in_bytes': '1\n',
    'hugetlb/c/hugetlb.1GB.max_usage_in_bytes': '2\n',
  });
  expect(readCgroupUsage({ root, version: 1, path: 'c' })).toEqual({
    cpu: { usageNs: 99n, userNs: 60n, systemNs: 39n, periods: 1, throttledPeriods: 2, throttledNs: 3n },
    memory: {
      usageBytes: 1000,
      maxUsageBytes: 1200,
      workingSetBytes: 0,
      limitBytes: 4096,
      rssBytes: 30,
      cacheBytes: 20,
      mappedFileBytes: 40,
      kernelBytes: 5,
      swapBytes: 50,
      swapLimitBytes: 904,
      limitHits: 4,
      pageFaults: 60,
      majorPageFaults: 70,
      oomKills: 1,
    },
    tasks: 2,
    taskLimit: 100,
    devices: [{ major: 8, minor: 0, readBytes: 10, writtenBytes: 20, reads: 1, writes: 2 }],
    hugePages: [{ pageSize: '1GB', usageBytes: 1, maxUsageBytes: 2 }],
    pressure: {},
  });
});

it.each([1, 2] as const)('gives nothing for a group of version %s that is gone', (version) => {
  expect(readCgroupUsage({ root, version, path: '/gone' })).toBeUndefined();
});

it('takes numbers that are none for 0', () => {
  write({ 'c/cpu.stat': 'usage_usec -5\nnr_periods x\n', 'c/io.stat': 'x rbytes=1\n8:0 rbytes=-1\n\n' });
  const usage = readCgroupUsage({ root, version: 2, path: 'c' });
  expect(usage).toMatchObject({ cpu: { usageNs: 0n, periods: 0 }, devices: [] });
});

it('lists the processes of a group and of the groups in it', () => {
  write({ 'p/cgroup.procs': '1\n2\n', 'p/c/cgroup.procs': '3\n', 'p/c/d/cgroup.procs': '' });
  write({ 'pids/q/cgroup.procs': '4\n' });
  expect(listCgroupProcesses({ root, version: 2, path: '/p' })).toEqual([1, 2, 3]);
  expect(listCgroupProcesses({ root, version: 1, path: '/q' })).toEqual([4]);
  expect(listCgroupProcesses({ root, version: 2, path: '/gone' })).toEqual([]);
});
