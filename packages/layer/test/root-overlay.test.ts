// SPDX-License-Identifier: Apache-2.0

// What is read of layers without unpacking them must be what the kernel's overlay shows of them unpacked.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyLayer, packRoot, type RootLayer, readRoot } from '../src/index.ts';
import { makeOverlay } from './overlay.ts';
import { entry, folder, hardLink, pax, symlink, tar } from './tar-builder.ts';
import { treeOf } from './tree.ts';

const names = fc.constantFrom('a', 'b', 'c');
const path = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const mtime = fc.integer({ min: 1, max: 2_000_000_000 });

/** Folders say their own, as those that tools write do: what no entry says is ours to choose. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('file' as const), path, fc.string({ maxLength: 20 }), mtime) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('folder' as const), path, fc.constant(''), mtime) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('link' as const), path, path, mtime) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('symlink' as const), path, path, mtime) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('whiteout' as const), path, fc.constant(''), mtime) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('opaque' as const), path, fc.constant(''), mtime) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('fifo' as const), path, fc.constant(''), mtime) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function bytesOf([kind, name, other, time]: Step): Buffer {
  const fields = { mtime: time, uid: time % 7, gid: time % 5, mode: 0o600 + (time % 0o100) };
  switch (kind) {
    case 'file':
      return Buffer.concat([
        pax({ 'SCHILY.xattr.user.note': `${time}`, mtime: `${time}.25` }),
        entry({ name, content: other, ...fields }),
      ]);
    case 'folder':
      return folder(`${name}/`, { ...fields, mode: 0o700 + (time % 0o100) });
    case 'link':
      return hardLink(name, other);
    case 'symlink':
      return symlink(name, other);
    case 'fifo':
      return entry({ name, type: '6', ...fields });
    case 'whiteout':
      return entry({ name: name.replace(/[^/]+$/, (base) => `.wh.${base}`) });
    case 'opaque':
      return entry({ name: `${name}/.wh..wh..opq` });
  }
}

/**
 * What has a name that its own layer has whited out before is as the specification has it when it is read; unpacked, a
 * folder shows the old one in it, and a hard link is one more whiteout.
 */
function isReborn(steps: readonly Step[]): boolean {
  const removed = new Set<string>();
  return steps.some(([kind, name, target]) => {
    if (kind === 'whiteout') {
      removed.add(name);
      return false;
    }
    const used = [name, ...(kind === 'link' || kind === 'symlink' ? [target] : [])];
    return used.some((path) =>
      path.split('/').some((_, i, parts) => removed.has(parts.slice(0, i + 1).join('/'))),
    );
  });
}

/** Times of folders that no entry has made are those of the unpacking, and modes those of the layer on top. */
function comparable(tree: readonly string[], made: ReadonlySet<string>): readonly string[] {
  return tree.map((line) => {
    const [name = '', mode = ''] = line.split(' ');
    const isFolder = (Number.parseInt(mode, 8) & 0o170000) === 0o040000;
    return isFolder && !made.has(name) ? `${name} folder` : line.replace(/( [^ ]*overlay[^ ]*)/g, '');
  });
}

describe('the tree of layers, beside overlay', () => {
  it('has the same files, links, owners, modes, times and attributes', { timeout: 300_000 }, async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        async (layers) => {
          fc.pre(!layers.some(isReborn));
          const archives = layers.map((steps) => tar(...steps.map(bytesOf)));
          const roots = archives.map((bytes): RootLayer => ({ open: () => once(bytes) }));
          using overlay = makeOverlay(layers.length);
          const lowest = [...overlay.lowers].reverse();
          let refusal: unknown;
          for (const [i, bytes] of archives.entries()) {
            refusal ??= await applyLayer(once(bytes), lowest[i] ?? '').then(
              () => undefined,
              (error: unknown) => error,
            );
          }
          // What cannot be unpacked need not be read either; where it can be read, nothing is compared.
          fc.pre(refusal === undefined);
          const packed = join(overlay.work, 'packed');
          mkdirSync(packed);
          const contentFolder = join(overlay.work, 'contents');
          mkdirSync(contentFolder);
          await applyLayer(packRoot(await readRoot(roots, { contentFolder })), packed);
          // Folders that the topmost layer with them has an entry for.
          const made = new Set<string>();
          for (const steps of layers) {
            for (const [, name] of steps) {
              const parts = name.split('/');
              for (let i = 1; i < parts.length; i++) made.delete(parts.slice(0, i).join('/'));
            }
            for (const [kind, name] of steps) {
              if (kind === 'folder') made.add(name);
              else for (const below of made) if (`${below}/`.startsWith(`${name}/`)) made.delete(below);
            }
          }
          const shown = overlay.merged((merged) => treeOf(merged));
          expect(comparable(treeOf(packed), made)).toEqual(comparable(shown, made));
          compared += 1;
        },
      ),
      { numRuns: 300, seed: 20261126 },
    );
    expect(compared).toBe(300);
  });

  it('is unpacked by GNU tar and bsdtar to the same files', async () => {
    using overlay = makeOverlay(1);
    const archive = tar(
      folder('d/', { mtime: 5 }),
      entry({ name: 'd/x', content: 'x', mode: 0o4711, uid: 3, gid: 4 }),
      hardLink('d/y', 'd/x'),
      symlink('s', 'd/y'),
      entry({ name: 'p', type: '6' }),
    );
    const layer: RootLayer = { open: () => once(archive) };
    const contentFolder = join(overlay.work, 'contents');
    mkdirSync(contentFolder);
    const tree = await readRoot([layer], { contentFolder });
    const input = Buffer.concat(await Array.fromAsync(packRoot(tree)));
    const [lower = ''] = overlay.lowers;
    await applyLayer(once(archive), lower);
    for (const program of ['tar', 'bsdtar']) {
      const target = join(overlay.work, program);
      mkdirSync(target);
      execFileSync(program, ['-xpf', '-', '-C', target, '--numeric-owner'], { input });
      expect(treeOf(target)).toEqual(treeOf(lower));
    }
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
