// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkCpuSet } from './cpu-set.ts';

const cgroups = mkdtempSync(join(tmpdir(), 'lading-cpu-set-'));
writeFileSync(join(cgroups, 'cpuset.cpus.effective'), '0-3,6\n');

afterAll(() => rmSync(cgroups, { recursive: true }));

describe('a set of CPUs', () => {
  it.each(['0', '1-3', '3,6', '0-3,6'])('%s is there on cgroup v2', (text) => {
    expect(checkCpuSet('cpuset-cpus', text, cgroups)).toBe(text);
  });

  it.each(['4', '3-6', '0,7'])('%s is not there', (text) => {
    expect(() => checkCpuSet('cpuset-cpus', text, cgroups)).toThrow(`requested ${text}, available: 0-3,6`);
  });

  it.each(['x', '1-', '3-1', '0,', '-1'])('%s is none', (text) => {
    expect(() => checkCpuSet('cpuset-cpus', text, cgroups)).toThrow(`invalid --cpuset-cpus "${text}"`);
  });

  it('is left to the kernel where that does not tell which there are', () => {
    expect(checkCpuSet('cpuset-mems', '9', cgroups)).toBe('9');
  });
});
