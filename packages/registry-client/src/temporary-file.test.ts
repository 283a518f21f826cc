// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTemporaryName, removeAbandoned, temporaryPath } from './temporary-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-temporary-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The number of a process that has ended, and whose parent knows it. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

const ofProcess = (pid: number): string => temporaryPath(folder).replace(`-${process.pid}-`, `-${pid}-`);

describe('unfinished files', () => {
  it('of a process that has ended are removed, and its folders', async () => {
    const pid = await endedPid();
    await writeFile(ofProcess(pid), 'half');
    const inner = join(ofProcess(pid), 'blobs');
    await mkdir(inner, { recursive: true });
    await writeFile(join(inner, 'file'), 'half');
    await removeAbandoned(folder);
    expect(await readdir(folder)).toEqual([]);
  });

  const kept: readonly (readonly [string, () => Promise<string>])[] = [
    ['of this process', async () => temporaryPath(folder)],
    ['of another process that is alive', async () => ofProcess(process.ppid)],
    [
      'of another machine, or of a container,',
      async () => ofProcess(await endedPid()).replace(/lading-[0-9a-f]{16}/, `lading-${'0'.repeat(16)}`),
    ],
    ['of nobody we know', async () => join(folder, '.lading-lock')],
    ['with a longer name', async () => `${ofProcess(await endedPid())}.txt`],
  ];
  it.each(kept)('%s stay', async (_name, path) => {
    const file = await path();
    await writeFile(file, 'half');
    await removeAbandoned(folder);
    expect(await readdir(folder)).toEqual([basename(file)]);
  });

  it('of a folder that is not there are none', async () => {
    await expect(removeAbandoned(join(folder, 'missing'))).resolves.toBeUndefined();
  });

  it('are known by their names', () => {
    expect(isTemporaryName(basename(temporaryPath(folder)))).toBe(true);
    for (const name of ['.lading-lock', '.lading-', 'manifest.json'])
      expect(isTemporaryName(name)).toBe(false);
  });
});
