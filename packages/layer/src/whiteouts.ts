// SPDX-License-Identifier: Apache-2.0
import { lchownSync, readdirSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { makeNode, setXattr } from '@lading/linux';
import { baseOf, parentOf } from './entry-path.ts';
import type { TarEntry } from './tar-entry.ts';
import { shown } from './tar-header.ts';

const prefix = Buffer.from('.wh.');
const opaque = '.wh..wh..opq';
const aufs = '.wh..wh.';

/**
 * What becomes of `.wh.NAME` (NAME of the layers below is gone) and `.wh..wh..opq` (all of that folder is).
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
 */
export interface Whiteouts {
  /** True when the entry was one of them, and has been dealt with. */
  take(
    path: Buffer,
    entry: TarEntry,
    makeParents: (path: Buffer) => void,
    remove: (path: Buffer) => void,
  ): boolean;
  /** Called for each name that the layer itself makes. */
  made(path: Buffer): void;
}

function kindOf(
  path: Buffer,
  entry: TarEntry,
): { kind: 'none' } | { kind: 'opaque' } | { kind: 'ignored' } | { kind: 'whiteout'; of: Buffer } {
  const base = baseOf(path);
  if (!base.subarray(0, prefix.length).equals(prefix)) return { kind: 'none' };
  const text = base.toString('latin1');
  if (text === opaque) return { kind: 'opaque' };
  if (text.startsWith(aufs)) return { kind: 'ignored' }; // leftovers of AUFS, which mean nothing elsewhere
  const name = base.subarray(prefix.length);
  const plain = name.toString('latin1');
  if (plain === '' || plain === '.' || plain === '..') {
    throw new LadingError(
      Code.InvalidArgument,
      `tar: the whiteout ${shown(entry.name)} names nothing that could be removed`,
      { reason: 'TAR_WHITEOUT' },
    );
  }
  const parent = parentOf(path);
  return {
    kind: 'whiteout',
    of: Buffer.concat(parent.length === 1 ? [parent, name] : [parent, Buffer.from('/'), name]),
  };
}

/** Kept in the form of overlay: a character device 0/0, and the attribute `trusted.overlay.opaque`. */
export function overlayWhiteouts(): Whiteouts {
  return {
    take(path, entry, makeParents, remove) {
      const found = kindOf(path, entry);
      if (found.kind === 'none') return false;
      if (found.kind === 'ignored') return true;
      try {
        makeParents(path);
      } catch (error) {
        if (isInsideWhiteout(error)) return true;
        throw error;
      }
      if (found.kind === 'opaque') {
        setXattr(parentOf(path), 'trusted.overlay.opaque', Buffer.from('y'));
        return true;
      }
      const make = (): void => makeNode(found.of, { type: 'char', mode: 0 });
      try {
        make();
      } catch (error) {
        if (!(error instanceof LadingError && (error as LadingError).reason === 'EEXIST')) throw error;
        remove(found.of);
        make();
      }
      lchownSync(found.of, entry.uid, entry.gid);
      return true;
    },
    made() {},
  };
}

/** A folder that the layer itself has whited out holds nothing to remove. */
function isInsideWhiteout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTDIR' || error.code === 'EEXIST');
}

/** Carried out at once, on a tree that holds the layers below. */
export function removingWhiteouts(): Whiteouts {
  const own = new Set<string>();
  return {
    take(path, entry, _makeParents, remove) {
      const found = kindOf(path, entry);
      if (found.kind === 'none') return false;
      if (found.kind === 'whiteout') remove(found.of);
      if (found.kind === 'opaque') removeForeign(parentOf(path), own, remove);
      return true;
    },
    made(path) {
      own.add(path.toString('latin1'));
    },
  };
}

function removeForeign(folder: Buffer, own: ReadonlySet<string>, remove: (path: Buffer) => void): void {
  let names: Buffer[];
  try {
    names = readdirSync(folder, { encoding: 'buffer' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return;
    throw error;
  }
  for (const name of names) {
    const path = Buffer.concat(folder.length === 1 ? [folder, name] : [folder, Buffer.from('/'), name]);
    if (!own.has(path.toString('latin1'))) remove(path);
  }
}
