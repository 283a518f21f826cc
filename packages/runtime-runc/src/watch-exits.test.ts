// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchExits } from './watch-exits.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-exits-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('tells of exit files when they are whole, and of nothing else in the folder', async () => {
  const exitDir = join(folder, 'exits');
  const seen = new Set<string>();
  const last = Promise.withResolvers<void>();
  using _watch = watchExits(exitDir, (id) => {
    seen.add(id);
    if (id === 'last') last.resolve();
  });
  writeFileSync(join(exitDir, 'c1.X3YZ'), '0');
  renameSync(join(exitDir, 'c1.X3YZ'), join(exitDir, 'c1'));
  writeFileSync(join(exitDir, 'gone'), '0');
  rmSync(join(exitDir, 'gone'));
  writeFileSync(join(exitDir, '.note'), '');
  writeFileSync(join(exitDir, 'last'), '0');
  await last.promise;
  expect([...seen]).toEqual(['c1', 'last']);
});
