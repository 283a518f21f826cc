// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The archive of a folder, all of it owned by root unless `owners` are kept. */
export async function packFolder(
  root: string,
  { owners = false, exclude = [] }: { readonly owners?: boolean; readonly exclude?: readonly string[] } = {},
): Promise<Uint8Array> {
  const file = `${root}.tar`;
  await run('tar', [
    '--numeric-owner',
    ...(owners ? [] : ['--owner=0', '--group=0']),
    ...exclude.map((pattern) => `--exclude=${pattern}`),
    ...['-C', root, '-cf', file, '.'],
  ]);
  const bytes = await readFile(file);
  await rm(file);
  return bytes;
}
