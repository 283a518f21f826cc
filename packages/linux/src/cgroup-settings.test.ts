// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLimitedCgroup } from './cgroup-limits.ts';
import { cgroupSettings } from './cgroup-settings.ts';

const limits = {
  memory: { limit: 1000, swap: 1500 },
  cpu: { shares: 1024, quota: 50_000, period: 100_000, cpus: '0-1', mems: '0' },
  blockIO: {
    weight: 500,
    weightDevice: [{ major: 8, minor: 0, weight: 10 }],
    throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 7 }],
    throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 9 }],
  },
};
const written = (version: 1 | 2): string[] =>
  cgroupSettings(limits, version).map(({ files, value }) => `${files[0]} ${value}`);

describe('settings of a control group', () => {
  it('are those of version 1, memory before memory with swap', () => {
    expect(written(1)).toEqual([
      'memory.limit_in_bytes 1000',
      'memory.memsw.limit_in_bytes 1500',
      'cpu.shares 1024',
      'cpu.cfs_period_us 100000',
      'cpu.cfs_quota_us 50000',
      'cpuset.cpus 0-1',
      'cpuset.mems 0',
      'blkio.weight 500',
      'blkio.weight_device 8:0 10',
      'blkio.throttle.read_bps_device 8:0 7',
      'blkio.throttle.write_bps_device 8:0 9',
    ]);
  });

  it('are those of version 2, in its own scales', () => {
    expect(written(2)).toEqual([
      'memory.max 1000',
      'memory.swap.max 500',
      'cpu.weight 39',
      'cpu.max 50000 100000',
      'cpuset.cpus 0-1',
      'cpuset.mems 0',
      'io.weight 4950',
      'io.bfq.weight 8:0 1',
      'io.max 8:0 rbps=7',
      'io.max 8:0 wbps=9',
    ]);
  });
});

describe('a limited control group', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lading-limits-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('gets the controllers of the folders above it with version 2', async () => {
    for (const folder of [root, join(root, 'a'), join(root, 'a/b')]) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'cgroup.controllers'), 'memory hugetlb\n');
      writeFileSync(join(folder, 'cgroup.subtree_control'), '\n');
    }
    writeFileSync(join(root, 'a/b/memory.max'), 'max\n');
    await makeLimitedCgroup('/a/b', { memory: { limit: 4096 } }, root);
    expect(readFileSync(join(root, 'a/b/memory.max'), 'utf8')).toBe('4096');
    for (const folder of ['', 'a', 'a/b'])
      expect(readFileSync(join(root, folder, 'cgroup.subtree_control'), 'utf8')).toBe('+memory');
  });

  it('is refused outside of the hierarchy, and with what the machine does not count', async () => {
    mkdirSync(join(root, 'memory'));
    const memory = { limit: 4096 };
    await expect(makeLimitedCgroup('/../x', { memory }, root)).rejects.toThrow('leads out of the hierarchy');
    await expect(makeLimitedCgroup('/x', { memory }, root)).rejects.toThrow('memory.limit_in_bytes');
    await expect(makeLimitedCgroup('/x', { cpu: { shares: 2 } }, root)).rejects.toThrow(
      'no such control groups',
    );
  });
});
