// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cgroupVersion,
  makeCgroup,
  moveToCgroup,
  parseCgroupPaths,
  readCgroupStats,
  removeCgroup,
} from './cgroup.ts';

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

describe('with version 2 alone', () => {
  beforeEach(() => write({ 'cgroup.controllers': 'cpu memory pids\n' }));

  it('is told by the file of controllers at the root', async () => {
    expect(await cgroupVersion(root)).toBe(2);
  });

  it('has one folder for a process', () => {
    expect({ ...parseCgroupPaths('0::/machine/c1\n', root, 2) }).toEqual({
      unified: join(root, 'machine/c1'),
    });
  });

  it('reads counters, and no limit where the file says max', async () => {
    write({
      'c/cpu.stat': 'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n',
      'c/memory.current': '1000\n',
      'c/memory.stat': 'anon 1\ninactive_file 300\nactive_file 2\n',
      'c/memory.max': 'max\n',
      'c/pids.current': '3\n',
    });
    const paths = { unified: join(root, 'c') };
    const counters = {
      cpuUsageNs: 1_500_000,
      memoryUsageBytes: 1000,
      memoryWorkingSetBytes: 700,
      processes: 3,
    };
    expect(await readCgroupStats(paths)).toEqual(counters);
    write({ 'c/memory.max': '4096\n' });
    expect(await readCgroupStats(paths)).toEqual({ ...counters, memoryLimitBytes: 4096 });
  });

  it('makes one folder', async () => {
    expect(await makeCgroup('a/b', root)).toEqual([join(root, 'a/b')]);
  });
});

describe('with version 1 or the hybrid of both', () => {
  beforeEach(() => write({ 'unified/cgroup.procs': '', 'memory/x': '', 'cpuacct/x': '', 'pids/x': '' }));

  it('is told by the missing file', async () => {
    expect(await cgroupVersion(root)).toBe(1);
  });

  it('has a folder a controller, also where several share a hierarchy', () => {
    const text = '9:name=systemd:/s\n4:memory:/m:1\n2:cpu,cpuacct:/c\n0::/u\n';
    expect({ ...parseCgroupPaths(text, root, 1) }).toEqual({
      systemd: join(root, 'systemd/s'),
      memory: join(root, 'memory/m:1'),
      cpu: join(root, 'cpu/c'),
      cpuacct: join(root, 'cpuacct/c'),
      unified: join(root, 'unified/u'),
    });
  });

  it('reads counters, with the largest number for no limit', async () => {
    write({
      'cpuacct/c/cpuacct.usage': '123456\n',
      'memory/c/memory.usage_in_bytes': '1000\n',
      'memory/c/memory.stat': 'inactive_file 1\ntotal_inactive_file 2000\n',
      'memory/c/memory.limit_in_bytes': '9223372036854771712\n',
      'pids/c/pids.current': '2\n',
    });
    const paths = parseCgroupPaths('1:cpuacct:/c\n2:memory:/c\n3:pids:/c\n0::/c\n', root, 1);
    expect(await readCgroupStats(paths)).toEqual({
      cpuUsageNs: 123456,
      memoryUsageBytes: 1000,
      memoryWorkingSetBytes: 0,
      processes: 2,
    });
  });

  it('counts nothing for a group that is gone', async () => {
    expect(await readCgroupStats({ memory: join(root, 'gone') })).toMatchObject({ memoryUsageBytes: 0 });
  });

  it('makes, fills and removes a folder in each controller that there is', async () => {
    const folders = await makeCgroup('p/c', root);
    expect(folders).toEqual(['cpuacct', 'memory', 'pids'].map((name) => join(root, name, 'p/c')));
    await moveToCgroup(folders, 42);
    for (const folder of folders) {
      expect(readFileSync(join(folder, 'cgroup.procs'), 'utf8')).toBe('42');
      rmSync(join(folder, 'cgroup.procs'));
    }
    await removeCgroup(folders);
    await removeCgroup(folders);
  });

  it('refuses a name that climbs out of the hierarchy', async () => {
    await expect(makeCgroup('../x', root)).rejects.toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });
});
