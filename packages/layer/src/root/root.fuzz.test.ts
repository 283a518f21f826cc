// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { it } from 'vitest';
import type { TarEntry } from '../tar-entry.ts';
import { compareRoots } from './compare-roots.ts';
import { createLayerTree } from './layer-tree.ts';
import { mergeLayer } from './merge-layer.ts';
import { createTreeBudget, type Folder, impliedAttributes, newFolder, walk } from './tree.ts';

const part = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 2, arbitrary: fc.constantFrom('.wh.a', '.wh.b', '.wh..wh..opq', '.', '..', '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('.wh.', '.wh...', '.wh..wh.plnk', '.wh..wh.x', 'é\ud800', '\u0001'),
  },
);
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const type = fc.constantFrom('file', 'directory', 'link', 'symlink', 'fifo', 'char', 'block' as const);
const entry = fc.tuple(type, path, path, fc.nat(99)).map(
  ([kind, name, target, number]): TarEntry => ({
    name: Buffer.from(name),
    linkName: Buffer.from(kind === 'link' || kind === 'symlink' ? target : ''),
    type: kind,
    mode: number,
    uid: number,
    gid: 0,
    size: number % 3,
    mtimeNs: BigInt(number),
    atimeNs: undefined,
    major: 0,
    minor: 0,
    xattrs: new Map(),
  }),
);
const layers = fc.array(fc.array(entry, { maxLength: 6 }), { maxLength: 3 });

function treeOf(entries: readonly TarEntry[], index: number): Folder {
  const tree = createLayerTree(index, createTreeBudget({ entries: 1000 }));
  for (const one of entries) tree.add(one);
  tree.end();
  return tree.root;
}

/** The entries of a tree, as an archive of it has them. */
function entriesOf(folder: Folder): readonly TarEntry[] {
  const first = new Map<unknown, string>();
  return [...walk(folder)].map(([name, node]): TarEntry => {
    const rest = { name: Buffer.from(name, 'latin1'), atimeNs: undefined, linkName: Buffer.alloc(0) };
    if (node.kind === 'folder') {
      const attributes = node.attributes ?? impliedAttributes;
      return { ...rest, ...attributes, type: 'directory', size: 0, major: 0, minor: 0 };
    }
    const known = first.get(node);
    if (known === undefined) first.set(node, name);
    const { target = rest.linkName } = node;
    return known === undefined
      ? { ...rest, ...node, linkName: target }
      : { ...rest, ...node, type: 'link', linkName: Buffer.from(known, 'latin1') };
  });
}

it('any layers make a tree that stays inside, and whose archive makes the same tree, or are refused in our words', () => {
  let made = 0;
  fc.assert(
    fc.property(layers, (archives) => {
      const root = newFolder();
      try {
        for (const [i, entries] of archives.entries()) mergeLayer(root, treeOf(entries, i));
      } catch (error) {
        assert.ok(error instanceof LadingError, String(error));
        return;
      }
      const names = new Set<string>();
      for (const [name] of walk(root)) {
        const parts = name.split('/');
        assert.ok(!parts.some((word) => word === '' || word === '.' || word === '..'), name);
        assert.ok(!names.has(name) && (parts.length === 1 || names.has(parts.slice(0, -1).join('/'))), name);
        assert.ok(!parts.some((word) => word.startsWith('.wh.')), name);
        names.add(name);
      }
      const again = newFolder();
      mergeLayer(again, treeOf(entriesOf(root), 0));
      const differences = [
        ...compareRoots(
          { folder: root, contentFolder: '' },
          { folder: again, contentFolder: '' },
          { times: true },
        ),
      ];
      assert.deepEqual(differences, []);
      made += 1;
    }),
    { numRuns: 100_000 },
  );
  assert.ok(made > 20_000, `${made} of them made a tree`);
}, 120_000);
