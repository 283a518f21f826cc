// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTempDir, sweepTempDirs } from './temp-dir.ts';

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), 'lading-temp-')), 'tempdirs');
});
afterEach(() => rmSync(join(home, '..'), { recursive: true }));

describe('a temporary folder', () => {
  it('is there with its lock until it is released', async () => {
    const temp = await openTempDir(home);
    const number = /temp-dir-(\d+)$/.exec(temp.path)?.[1];
    writeFileSync(join(temp.path, '0-addition'), 'x');
    expect(readdirSync(home).sort()).toEqual([`lock-${number}`, `temp-dir-${number}`]);
    await Promise.all([temp.release(), temp.release()]);
    expect(readdirSync(home)).toEqual([]);
  });

  it('is left alone by a sweep while it is in use, unlike one whose user is gone', async () => {
    await using temp = await openTempDir(home);
    mkdirSync(join(home, 'temp-dir-1/0-web/sub'), { recursive: true });
    writeFileSync(join(home, 'lock-1'), '');
    mkdirSync(join(home, 'temp-dir-2'));
    writeFileSync(join(home, 'lock-3'), '');
    writeFileSync(join(home, 'something else'), '');
    await sweepTempDirs(home);
    expect(existsSync(temp.path)).toBe(true);
    const left = readdirSync(home).filter((name) => !/\d{4}/.test(name));
    expect(left).toEqual(['something else']);
  });

  it('survives sweeps that run while many are made', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const [temp] = await Promise.all([openTempDir(home), sweepTempDirs(home)]);
        return temp;
      }),
    );
    expect(made.filter(({ path }) => !existsSync(path))).toEqual([]);
    await Promise.all(made.map((temp) => temp.release()));
    expect(readdirSync(home)).toEqual([]);
  });

  it('needs no folder for a sweep', async () => {
    await sweepTempDirs(home);
    expect(existsSync(home)).toBe(false);
  });
});
