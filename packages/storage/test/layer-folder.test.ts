// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  contentFolders,
  lowerIds,
  makeLayerFolder,
  withdrawLayerFolder,
  writeLinkName,
} from '../src/layer-folder.ts';
import { makePaths, type Paths } from '../src/paths.ts';

let root: string;
let paths: Paths;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lading-folder-'));
  paths = makePaths({ graphRoot: join(root, 'graph'), runRoot: join(root, 'run') });
});
afterEach(() => rmSync(root, { recursive: true }));

const read = (path: string): string => readFileSync(join(paths.overlay, path), 'utf8');
const modeOf = (path: string): number => statSync(join(paths.overlay, path)).mode & 0o7777;

describe('the folders of a store', () => {
  it('have the modes that all tools give them, whatever the umask', () => {
    const former = process.umask(0o077);
    try {
      const made = makePaths({ graphRoot: join(root, 'g2'), runRoot: join(root, 'r2') });
      const modes = [
        made.graphRoot,
        made.runRoot,
        made.overlay,
        made.links,
        made.layers,
        made.images,
        made.containers,
      ];
      expect(modes.map((path) => statSync(path).mode & 0o777)).toEqual([
        0o700, 0o700, 0o755, 0o755, 0o700, 0o700, 0o700,
      ]);
    } finally {
      process.umask(former);
    }
  });
});

describe('the folder of a layer', () => {
  it('has a dummy layer below and mode 0555 when it is a base layer', () => {
    makeLayerFolder(paths, { id: 'base', parent: undefined });
    expect(readdirSync(join(paths.overlay, 'base')).sort()).toEqual([
      'diff',
      'empty',
      'link',
      'merged',
      'work',
    ]);
    expect(['base', 'base/diff', 'base/empty', 'base/merged', 'base/work'].map(modeOf)).toEqual([
      0o700, 0o555, 0o700, 0o700, 0o700,
    ]);
    expect(read('base/link')).toMatch(/^[A-Z2-7]{26}$/);
    expect(readlinkSync(join(paths.links, read('base/link')))).toBe('../base/diff');
  });

  it('names all layers below it, nearest first, with mode and owner of its parent', () => {
    makeLayerFolder(paths, { id: 'a', parent: undefined });
    chmodSync(join(paths.overlay, 'a/diff'), 0o1751);
    chownSync(join(paths.overlay, 'a/diff'), 7, 8);
    makeLayerFolder(paths, { id: 'b', parent: 'a' });
    makeLayerFolder(paths, { id: 'c', parent: 'b' });
    expect(read('c/lower')).toBe(`l/${read('b/link')}:l/${read('a/link')}`);
    expect(read('c/lower-layers')).toBe('b:a');
    expect(lowerIds(paths, 'c')).toEqual(['b', 'a']);
    const { mode, uid, gid } = statSync(join(paths.overlay, 'c/diff'));
    expect([mode & 0o7777, uid, gid]).toEqual([0o1751, 7, 8]);
  });

  it('takes unpacked content in, with a mode that the content has no say in', () => {
    const content = join(paths.overlay, 'staged');
    mkdirSync(content, { mode: 0o777 });
    writeFileSync(join(content, 'file'), 'x');
    makeLayerFolder(paths, { id: 'a', parent: undefined, content });
    expect([read('a/diff/file'), modeOf('a/diff')]).toEqual(['x', 0o555]);
  });

  it('never has an empty link file, for which other tools would remove the links of all layers', () => {
    const seen: string[] = [];
    makeLayerFolder(paths, { id: 'a', parent: undefined });
    const link = join(paths.overlay, 'a/link');
    const watched = openSync(link, 'r');
    writeLinkName(join(paths.overlay, 'a'), 'A'.repeat(26));
    // The file that was there is replaced, not written to.
    seen.push(readFileSync(watched, 'utf8'), readFileSync(link, 'utf8'));
    closeSync(watched);
    expect(seen.map((text) => text.length)).toEqual([26, 26]);
    expect(seen[0]).not.toBe(seen[1]);
    expect(readdirSync(join(paths.overlay, 'a'))).not.toContain('.link');
  });

  it('follows the links of an older tool, which names no ids', () => {
    makeLayerFolder(paths, { id: 'a', parent: undefined });
    makeLayerFolder(paths, { id: 'b', parent: 'a' });
    rmSync(join(paths.overlay, 'b/lower-layers'));
    expect(lowerIds(paths, 'b')).toEqual(['a']);
    makeLayerFolder(paths, { id: 'c', parent: 'b' });
    expect(read('c/lower-layers')).toBe('b:a');
  });

  it('is refused on a parent that has lost its link', () => {
    makeLayerFolder(paths, { id: 'a', parent: undefined });
    rmSync(join(paths.overlay, 'a/link'));
    expect(() => makeLayerFolder(paths, { id: 'b', parent: 'a' })).toThrow(
      expect.objectContaining({ code: Code.FailedPrecondition, reason: 'LAYER_DAMAGED' }),
    );
    expect(readdirSync(paths.overlay)).not.toContain('b');
  });

  it('is not made of links that lead elsewhere', () => {
    makeLayerFolder(paths, { id: 'a', parent: undefined });
    writeFileSync(join(paths.overlay, 'a/lower'), 'l/../../../etc');
    expect(() => lowerIds(paths, 'a')).toThrow(expect.objectContaining({ reason: 'LAYER_DAMAGED' }));
  });

  it('has older content in numbered folders', () => {
    makeLayerFolder(paths, { id: 'a', parent: undefined });
    mkdirSync(join(paths.overlay, 'a/diff1'));
    mkdirSync(join(paths.overlay, 'a/diff2'));
    expect(contentFolders(paths, 'a')).toEqual(
      ['diff', 'diff1', 'diff2'].map((name) => join(paths.overlay, 'a', name)),
    );
  });

  it('is withdrawn with its link and tar-split file, and once more without a fault', async () => {
    const into = join(paths.overlay, 'into');
    mkdirSync(into);
    const trash = { folderIn: () => into, [Symbol.asyncDispose]: async () => {} };
    makeLayerFolder(paths, { id: 'a', parent: undefined });
    writeFileSync(join(paths.layers, 'a.tar-split.gz'), '');
    await withdrawLayerFolder(paths, 'a', trash);
    await withdrawLayerFolder(paths, 'a', trash);
    expect([readdirSync(paths.links), readdirSync(paths.layers), readdirSync(into)]).toEqual([[], [], ['a']]);
  });
});
