// SPDX-License-Identifier: Apache-2.0
import { type Dirent, lchownSync, readdirSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { makeNode, setXattr } from '@lading/linux';
import { baseOf, parentOf } from './entry-path.ts';
import type { TarEntry } from './tar-entry.ts';
import { shown } from './tar-header.ts';

const prefix = '.wh.';
const opaque = '.wh..wh..opq';
const aufs = '.wh..wh.';

/** True for the name of an entry that stands for a removal. */
export function isWhiteout(name: Buffer): boolean {
  return name.toString('latin1', name.lastIndexOf(0x2f) + 1).startsWith(prefix);
}

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

type Kind = { kind: 'none' } | { kind: 'opaque' } | { kind: 'ignored' } | { kind: 'whiteout'; of: Buffer };

function kindOf(path: Buffer, entry: TarEntry): Kind {
  if (!path.includes(`/${prefix}`)) return { kind: 'none' };
  const base = baseOf(path).toString('latin1');
  if (base === opaque) return { kind: 'opaque' };
  // Leftovers of AUFS, such as the folder `.wh..wh.plnk`, mean nothing elsewhere.
  if (path.includes(`/${aufs}`)) return { kind: 'ignored' };
  if (!base.startsWith(prefix)) return { kind: 'none' };
  const name = base.slice(prefix.length);
  if (name === '' || name === '.' || name === '..') {
    throw new LadingError(
      Code.InvalidArgument,
      `tar: the whiteout ${shown(entry.name)} names nothing that could be removed`,
      { reason: 'TAR_WHITEOUT' },
    );
  }
  return { kind: 'whiteout', of: inFolder(parentOf(path), Buffer.from(name, 'latin1')) };
}

function inFolder(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat(folder.length === 1 ? [folder, name] : [folder, Buffer.from('/'), name]);
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
  return error instanceof LadingError && (error as LadingError).reason === 'ENOTDIR';
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
      for (
        let place = path;
        place.length > 1 && !own.has(place.toString('latin1'));
        place = parentOf(place)
      ) {
        own.add(place.toString('latin1'));
      }
    },
  };
}

/** Removes what other layers have put into a folder, at any depth; what this layer has put there stays. */
function removeForeign(folder: Buffer, own: ReadonlySet<string>, remove: (path: Buffer) => void): void {
  let children: Dirent<Buffer>[];
  try {
    children = readdirSync(folder, { encoding: 'buffer', withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return;
    throw error;
  }
  for (const child of children) {
    const path = inFolder(folder, child.name);
    if (!own.has(path.toString('latin1'))) remove(path);
    else if (child.isDirectory()) removeForeign(path, own, remove);
  }
}
