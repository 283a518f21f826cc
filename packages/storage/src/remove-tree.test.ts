// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeTree } from './remove-tree.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-remove-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('removeTree', () => {
  it('removes names that are no UTF-8, deep folders, and folders that nobody may write to', async () => {
    const tree = join(folder, 'tree');
    mkdirSync(join(tree, 'a/b/c'), { recursive: true });
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/a/`), Buffer.from([0xff, 0xfe])]), 'x');
    mkdirSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xc3])]), { mode: 0o555 });
    for (let index = 0; index < 100; index += 1) writeFileSync(join(tree, `a/b/${index}`), '');
    await removeTree(tree);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('removes a link and not what it leads to', async () => {
    const kept = join(folder, 'kept');
    mkdirSync(kept);
    writeFileSync(join(kept, 'file'), 'x');
    mkdirSync(join(folder, 'tree'));
    symlinkSync(kept, join(folder, 'tree/link'));
    symlinkSync(kept, join(folder, 'top'));
    await removeTree(join(folder, 'tree'));
    await removeTree(join(folder, 'top'));
    expect(existsSync(join(kept, 'file'))).toBe(true);
    expect(readdirSync(folder)).toEqual(['kept']);
  });

  it('does nothing where nothing is', async () => {
    await removeTree(join(folder, 'nothing'));
  });
});
