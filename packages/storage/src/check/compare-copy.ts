// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { LadingError } from '@lading/errors';
import { type DetachedMount, mountDetached } from '@lading/linux';
import { contentFolders, findFolder, lowerIds } from '../layer-folder.ts';
import { mapOwner } from '../map-owner.ts';
import { ifThere, type Paths } from '../paths.ts';
import type { LayerRecord } from '../records.ts';
import { checkSignal } from '../turn.ts';
import { asText } from './compare-tree.ts';

/**
 * What differs between a copy of a layer with other owners and that layer, both with all below them, in the words of
 * `compareTree`. Nothing where the kernel cannot mount both (before Linux 6.7).
 */
export async function* compareCopy(
  paths: Paths,
  copy: LayerRecord,
  original: LayerRecord,
  options: { readonly overlayXattrs: 'trusted' | 'user'; readonly signal: AbortSignal | undefined },
): AsyncGenerator<string> {
  const { overlayXattrs, signal } = options;
  const below = [original.id, ...lowerIds(paths, original.id)].flatMap((id) => contentFolders(paths, id));
  // Overlay wants two layers at least; a base layer has a dummy below.
  const dummy = below.length === 1 ? [join(findFolder(paths, original.id), 'empty')] : [];
  using before = mountTree([...below, ...dummy], overlayXattrs);
  using after = before && mountTree([...contentFolders(paths, copy.id), ...below], overlayXattrs);
  if (before === undefined || after === undefined) return;
  yield* compareFolder(Buffer.from(before.path), Buffer.from(after.path), '');

  async function* compareFolder(old: Buffer, now: Buffer, path: string): AsyncGenerator<string> {
    // An image can have a million entries.
    await pause();
    checkSignal(signal);
    const [expected, found] = [namesIn(old), namesIn(now)];
    for (const [name, place] of expected) {
      const where = `${path}/${asText(name)}`;
      const other = found.get(name);
      if (other === undefined) {
        yield `-${where}`;
        continue;
      }
      const [was, is] = [lstatSync(place), lstatSync(other)];
      const differences = compareFile(was, is, place, other);
      if (differences.length > 0) yield `${where}(${differences.join(',')})`;
      if (was.isDirectory() && is.isDirectory()) yield* compareFolder(place, other, where);
    }
    for (const name of found.keys()) if (!expected.has(name)) yield `+${path}/${asText(name)}`;
  }

  function compareFile(was: Stats, is: Stats, place: Buffer, other: Buffer): readonly string[] {
    const owner = mapOwner(was, original, copy);
    const differences: string[] = [];
    const differ = (what: string, expected: number | string, found: number | string): void => {
      if (expected !== found) differences.push(`${what}:${expected}→${found}`);
    };
    differ('uid', owner.uid, is.uid);
    differ('gid', owner.gid, is.gid);
    differ('mode', was.mode.toString(8), is.mode.toString(8));
    // Other tools change folders as they put names of one file together again.
    if (!was.isDirectory()) {
      differ('size', was.size, is.size);
      differ('mtime', Math.floor(was.mtimeMs / 1000), Math.floor(is.mtimeMs / 1000));
      differ('device', was.rdev, is.rdev);
    }
    if (was.isSymbolicLink() && is.isSymbolicLink() && targetOf(place) !== targetOf(other)) {
      differences.push('target');
    }
    return differences;
  }
}

/** Undefined from a kernel that is too old. */
function mountTree(folders: readonly string[], overlayXattrs: 'trusted' | 'user'): DetachedMount | undefined {
  try {
    return mountDetached({
      type: 'overlay',
      attributes: ['readonly'],
      options: [
        ...folders.map((path) => ['lowerdir+', path] as const),
        ...(overlayXattrs === 'user' ? [['userxattr'] as const] : []),
      ],
    });
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.reason === 'ENOSYS' || failure.reason === 'EINVAL') return undefined;
    throw failure;
  }
}

function namesIn(folder: Buffer): ReadonlyMap<string, Buffer> {
  const names = ifThere(() => readdirSync(folder, { encoding: 'buffer' })) ?? [];
  return new Map(
    names.map((name) => [name.toString('latin1'), Buffer.concat([folder, Buffer.from('/'), name])]),
  );
}

function targetOf(link: Buffer): string {
  return readlinkSync(link, { encoding: 'buffer' }).toString('latin1');
}
