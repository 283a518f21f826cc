// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { makeNode, setXattr } from '@lading/linux';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyLayer,
  type LayerEntry,
  packChanges,
  packEntries,
  packFolder,
  packUpper,
} from '../src/index.ts';
import { makeOverlay } from './overlay.ts';
import { entriesOf } from './tar-entries.ts';
import { treeOf } from './tree.ts';

/** Names of any bytes that a file can have and a layer can hold; few, so that entries meet. */
const base = fc
  .oneof(
    { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c') },
    { weight: 1, arbitrary: fc.constantFrom('ü', 'n'.repeat(120), 'two\nlines', '.wh', '-x', 'a b') },
  )
  .map((text) => Buffer.from(text));
const anyBase = fc.oneof(
  { weight: 5, arbitrary: base },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 5 })
      .map((bytes) => Buffer.from(bytes))
      .filter((name) => !name.includes(0x2f) && !/^(\.|\.\.|\.wh\..*)$/s.test(name.toString('latin1'))),
  },
);
const path = fc.array(anyBase, { minLength: 1, maxLength: 4 }).map((parts) => joined(...parts));
const common = {
  path,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.constantFrom(0, 7, 3_000_000),
  gid: fc.constantFrom(0, 9, 4_000_000_000),
  mtime: fc
    .constantFrom(0, 1_600_000_000_123, 10_000_000_000_000, 7_000_000_000_500)
    .map((ms) => new Date(ms)),
};
const xattrs = fc.dictionary(
  fc.constantFrom('user.one', 'user.tü', 'security.ima'),
  fc.uint8Array({ maxLength: 9 }),
  { maxKeys: 2, noNullPrototype: true },
);
const entry: fc.Arbitrary<LayerEntry> = fc.oneof(
  fc.record({
    ...common,
    type: fc.constant('file' as const),
    content: fc.constantFrom('', 'x', 'y'.repeat(512), 'z'.repeat(200_000)),
    xattrs,
  }),
  fc.record({ ...common, type: fc.constant('directory' as const), xattrs }),
  fc.record({ ...common, type: fc.constant('symlink' as const), target: path }),
  fc.record({ ...common, type: fc.constant('fifo' as const) }),
  fc.record({
    ...common,
    type: fc.constantFrom('char' as const, 'block' as const),
    major: fc.integer({ min: 1, max: 0xfff }),
    minor: fc.nat(0xfffff),
  }),
  fc.record({ path, type: fc.constant('link' as const), target: path }),
);

function joined(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from('/'), part])));
}

/** What of the entries can be one layer, in an order that has folders before what is in them. */
function fitting(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const kinds = new Map<string, string>();
  const kept: LayerEntry[] = [];
  for (const given of entries) {
    const key = Buffer.from(given.path).toString('latin1');
    const parents = [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index));
    if (kinds.has(key) || parents.some((parent) => (kinds.get(parent) ?? 'directory') !== 'directory'))
      continue;
    if (given.type === 'link' && kinds.get(Buffer.from(given.target).toString('latin1')) !== 'file') continue;
    for (const parent of parents) kinds.set(parent, 'directory');
    kinds.set(key, given.type === 'link' ? 'file' : given.type);
    kept.push(given);
  }
  return kept;
}

/** Unpacked over a folder, a folder keeps the attributes that only the one below had; overlay shows those of the upper. */
const plain = entry.map((given) => (given.type === 'directory' ? { ...given, xattrs: {} } : given));

const nanosecond = { timePrecision: 'nanosecond' } as const;

/** Changes a tree at random places. */
const change = fc.record({
  what: fc.constantFrom(
    'write',
    'append',
    'remove',
    'folder',
    'remake',
    'rename',
    'link',
    'symlink',
    'mode',
    'owner',
    'attribute',
    'fifo',
  ),
  at: fc.nat(),
  to: fc.nat(),
  name: base,
});

type RandomChange = typeof change extends fc.Arbitrary<infer T> ? T : never;

function pathsIn(root: Buffer): readonly Buffer[] {
  return readdirSync(root, { encoding: 'buffer', withFileTypes: true })
    .toSorted((a, b) => Buffer.compare(a.name, b.name))
    .flatMap((child) => {
      const found = joined(root, child.name);
      return child.isDirectory() ? [found, ...pathsIn(found)] : [found];
    });
}

function carryOut(root: Buffer, { what, at, to, name }: RandomChange): void {
  const paths = [root, ...pathsIn(root)];
  const isFolder = (found: Buffer): boolean => lstatSync(found).isDirectory();
  const folders = paths.filter(isFolder);
  const files = paths.filter((found) => lstatSync(found).isFile());
  const pick = (from: readonly Buffer[], index: number): Buffer => from[index % from.length] ?? root;
  const some = pick(paths.slice(1), at);
  const fresh = joined(pick(folders, to), name);
  const isThere = paths.some((found) => found.equals(fresh));
  if (what === 'write' && !isThere) writeFileSync(fresh, `${at}`);
  if (what === 'folder' && !isThere) mkdirSync(fresh);
  if (what === 'symlink' && !isThere) symlinkSync('a', fresh);
  if (what === 'fifo' && !isThere) makeNode(fresh, { type: 'fifo', mode: 0o600 });
  if (what === 'append' && files.length > 0) appendFileSync(pick(files, at), 'more');
  if (what === 'link' && files.length > 0 && !isThere) linkSync(pick(files, at), fresh);
  if (some.equals(root)) return;
  if (what === 'remove') rmSync(some, { recursive: true });
  if (what === 'remake') {
    rmSync(some, { recursive: true });
    if (to % 2 === 0) mkdirSync(some);
    else writeFileSync(some, 'again');
  }
  // A folder of a lower layer cannot be renamed (EXDEV): programs copy it then.
  if (what === 'rename' && !isThere && !isFolder(some)) renameSync(some, fresh);
  if (what === 'mode' && !lstatSync(some).isSymbolicLink()) chmodSync(some, to & 0o7777);
  if (what === 'owner') lchownSync(some, to % 70_000, at % 70_000);
  if (what === 'attribute' && lstatSync(some).isFile()) setXattr(some, 'user.new', name);
}

describe('a layer', () => {
  it('gives the entries that it was made of when it is unpacked and packed again', {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 25 }), async (given) => {
        using overlay = makeOverlay(0);
        const entries = fitting(given);
        await applyLayer(packEntries(entries, nanosecond), overlay.work);
        const [expected, found] = [
          await entriesOf(packEntries(entries, nanosecond)),
          await entriesOf(packFolder(overlay.work, nanosecond)),
        ];
        expect(found).toEqual(expected);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('of an upper directory makes of the layers below what the kernel shows', {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(plain, { maxLength: 15 }), { minLength: 1, maxLength: 3 }),
        fc.array(change, { minLength: 1, maxLength: 25 }),
        async (layers, changes) => {
          using overlay = makeOverlay(layers.length);
          const bottomUp = overlay.lowers.toReversed();
          for (const [i, lower] of bottomUp.entries())
            await applyLayer(packEntries(fitting(layers[i] ?? []), nanosecond), lower);
          const [flat, start] = [`${overlay.work}/flat`, `${overlay.work}/start`];
          overlay.merged((merged) => {
            for (const target of [flat, start]) execFileSync('cp', ['-a', merged, target]);
          });
          const expected = overlay.merged((merged) => {
            for (const one of changes) carryOut(Buffer.from(merged), one);
            return treeOf(merged);
          });
          const upper = { ...nanosecond, lowers: overlay.lowers };
          await applyLayer(packUpper(overlay.upper, upper), flat, { whiteouts: 'remove' });
          expect(treeOf(flat)).toEqual(expected);
          await applyLayer(packChanges(start, flat, nanosecond), start, { whiteouts: 'remove' });
          expect(treeOf(start)).toEqual(expected);
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });
});
