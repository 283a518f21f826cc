// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countsHugePages, resourcesSpec } from './resources.ts';

it.each([
  ['not on a machine without control groups', [], '', false],
  ['on v1 with the controller', ['hugetlb'], '', true],
  ['on v1 without it', ['memory'], '', false],
  ['on v2 with the controller', [], 'cpu memory hugetlb pids\n', true],
  ['on v2 without it', [], 'cpu memory\n', false],
])('counts huge pages %s', (_what, folders, controllers, expected) => {
  const root = mkdtempSync(join(tmpdir(), 'lading-cgroups-'));
  try {
    for (const folder of folders) mkdirSync(join(root, folder));
    if (controllers !== '') writeFileSync(join(root, 'cgroup.controllers'), controllers);
    expect(countsHugePages(root)).toBe(expected);
  } finally {
    rmSync(root, { recursive: true });
  }
});

it('puts files of cgroup v2 beside what has names of its own', () => {
  const unified = { 'memory.high': '1000000', 'io.weight': 'default 50' };
  expect(resourcesSpec({ memoryBytes: 2_000_000, memorySwapBytes: 3_000_000, unified })).toEqual({
    memory: { limit: 2_000_000, swap: 3_000_000 },
    unified,
  });
});
