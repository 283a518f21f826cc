// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolders } from './make-folders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'make-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes what is missing, and leaves what is there', () => {
  const path = join(folder, 'a/b/c');
  expect(makeFolders(path, 0o700)).toBe(true);
  expect(statSync(join(folder, 'a/b')).mode & 0o777).toBe(0o700);
  expect(makeFolders(path, 0o755)).toBe(false);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

it.each(['/proc/no', '/proc/no/further/down', '/proc/self/no/further'])('refuses %s at once', (path) => {
  expect(() => makeFolders(path, 0o700)).toThrow(
    expect.objectContaining({
      code: Code.FailedPrecondition,
      message: expect.stringContaining('takes no new folders; name a place on a disk'),
    }),
  );
});

it('refuses a path over a file and over a link that leads nowhere', () => {
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('nowhere', join(folder, 'link'));
  for (const name of ['file', 'link']) {
    expect(() => makeFolders(join(folder, name, 'x'), 0o700)).toThrow(
      expect.objectContaining({
        code: Code.FailedPrecondition,
        reason: 'ENOTDIR',
        message: `${join(folder, name)} is no folder; move it away, or name another place`,
      }),
    );
  }
});
