// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimFolder } from './claim-folder.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lading-registry-claim-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('gives a folder to one at a time, and leaves nothing behind', async () => {
  const release = await claimFolder(root);
  await expect(claimFolder(root)).rejects.toMatchObject({
    code: 'failed_precondition',
    details: { pid: process.pid },
  });
  await release();
  await (await claimFolder(root))();
  expect(await readdir(root)).toEqual([]);
});

it('gives it to one of many who ask together', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => claimFolder(root)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  expect(await readdir(root)).toEqual(['_owner']);
});

it.each([
  ['nothing', ''],
  ['half a claim', '{"pid":'],
  ['a number that is none', '{"pid":-1,"started":""}'],
  ['a process whose number this one has now', JSON.stringify({ pid: process.pid, started: '1' })],
  ['a process that ended', JSON.stringify({ pid: spawnSync('true').pid, started: '' })],
])('takes over the claim of %s', async (_, text) => {
  await writeFile(join(root, '_owner'), text);
  await (await claimFolder(root))();
  expect(await readdir(root)).toEqual([]);
});
