// SPDX-License-Identifier: Apache-2.0
import type { TarEntry } from '@lading/layer';
import { describe, expect, it } from 'vitest';
import { createLayerTree, type TreeNode } from './layer-tree.ts';

function entry(name: string, more: Partial<TarEntry> = {}): TarEntry {
  return {
    name: Buffer.from(name),
    linkName: Buffer.alloc(0),
    type: name.endsWith('/') ? 'directory' : 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 1,
    mtimeNs: 1_000_000_000n,
    atimeNs: undefined,
    major: 0,
    minor: 0,
    xattrs: new Map(),
    ...more,
  };
}

/** Paths with types, a folder's with a slash; `*` for an opaque one, `?` for what may be anything. */
function shape(node: TreeNode, path = ''): string[] {
  return [...node.children].flatMap(([name, child]) => {
    const mark =
      child.type === 'directory' ? (child.isOpaque ? '/*' : '/') : child.type === undefined ? '?' : '';
    const kind = child.type === 'whiteout' ? '-' : '';
    return [`${kind}${path}/${name}${mark}`, ...shape(child, `${path}/${name}`)];
  });
}

describe('the tree of a layer', () => {
  it.each<[string, TarEntry[], string[]]>([
    ['has the folders that no entry names', [entry('a/b/c')], ['/a/', '/a/b/', '/a/b/c']],
    ['takes names as extraction does', [entry('./a//b/'), entry('/a/./c')], ['/a/', '/a/b/', '/a/c']],
    ['has whiteouts and opaque folders', [entry('.wh.x'), entry('a/.wh..wh..opq')], ['-/x', '/a/*']],
    ['leaves open what becomes of marks of AUFS', [entry('.wh..wh.plnk/')], ['/.wh.plnk?']],
    [
      'follows links within the layer',
      [entry('l', { type: 'symlink', linkName: Buffer.from('/d') }), entry('l/f')],
      ['/l', '/d/', '/d/f'],
    ],
    [
      'does not follow links out of it',
      [entry('l', { type: 'symlink', linkName: Buffer.from('../../d') }), entry('l/f')],
      ['/l', '/d/', '/d/f'],
    ],
    [
      'ends when links go round',
      [entry('l', { type: 'symlink', linkName: Buffer.from('l') }), entry('l/f')],
      ['/l'],
    ],
    ['keeps what is in a folder that comes again', [entry('a/b'), entry('a/')], ['/a/', '/a/b']],
    ['loses what was in a folder that becomes a file', [entry('a/b'), entry('a')], ['/a']],
    ['has nothing below a whiteout', [entry('.wh.a'), entry('a/.wh.b')], ['-/a']],
  ])('%s', (_name, entries, expected) => {
    const tree = createLayerTree();
    for (const one of entries) tree.add(one);
    expect(shape(tree.root)).toEqual(expected);
  });

  it('gives hard links the attributes of their file, and leaves open where headers disagree', () => {
    const tree = createLayerTree();
    tree.add(entry('a', { uid: 5, mode: 0o600 }));
    tree.add(entry('b', { type: 'link', linkName: Buffer.from('a'), uid: 6, mode: 0o600 }));
    const [a, b] = ['a', 'b'].map((name) => tree.root.children.get(name));
    expect(b).toBe(a);
    expect([a?.uid, a?.gid, a?.mode, a?.sizeBytes]).toEqual([undefined, 0, 0o600, 1]);
  });
});
