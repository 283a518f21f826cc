// SPDX-License-Identifier: Apache-2.0
import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { makeNode, setXattr, type ThreadRoot } from '@lading/linux';
import { baseOf, parentOf } from './entry-path.ts';
import type { OverlayXattrs } from './overlay-marks.ts';
import type { Owners } from './owners.ts';
import type { TarEntry } from './tar-entry.ts';
import { shown } from './tar-header.ts';

const prefix = '.wh.';
const opaque = '.wh..wh..opq';
const aufs = '.wh..wh.';

/** Where AUFS kept files of several names. They are needed until the end of the layer, and are not a part of it. */
export const aufsLinkSources: Buffer = Buffer.from('/.wh..wh.plnk');

export function isAufsLinkSource(path: Buffer): boolean {
  return path.toString('latin1', 0, aufsLinkSources.length + 1) === `${aufsLinkSources}/`;
}

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

/** What the name of an entry says of the layers below; `of` is the path that is gone. */
export type WhiteoutKind =
  | { readonly kind: 'none' }
  | { readonly kind: 'opaque' }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'whiteout'; readonly of: Buffer };

/** @throws LadingError `invalid_argument` for a whiteout of nothing */
export function whiteoutKindOf(path: Buffer, entry: TarEntry): WhiteoutKind {
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

/** For archives in which no name has a meaning. */
export function noWhiteouts(): Whiteouts {
  return { take: () => false, made() {} };
}

/** Kept in the form of overlay: a character device 0/0, and the attribute `trusted.overlay.opaque` or `user.…`. */
export function overlayWhiteouts(root: ThreadRoot, owners: Owners, xattrs: OverlayXattrs): Whiteouts {
  return {
    take(path, entry, makeParents, remove) {
      const found = whiteoutKindOf(path, entry);
      if (found.kind === 'none') return false;
      if (found.kind === 'ignored') return true;
      try {
        makeParents(path);
      } catch (error) {
        if (isInsideWhiteout(error)) return true;
        throw error;
      }
      if (found.kind === 'opaque') {
        // By its own dot the folder is meant, also where the last part of its path is a link to it.
        const folder = inFolder(parentOf(root.at(path)), Buffer.from('.'));
        setXattr(folder, `${xattrs}.overlay.opaque`, Buffer.from('y'));
        return true;
      }
      const make = (): void => makeNode(root.at(found.of), { type: 'char', mode: 0 });
      try {
        make();
      } catch (error) {
        if (!(error instanceof LadingError && (error as LadingError).reason === 'EEXIST')) throw error;
        remove(found.of);
        make();
      }
      owners.set(root.at(found.of), entry);
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
export function removingWhiteouts(root: ThreadRoot): Whiteouts {
  const own = new Set<string>();
  return {
    take(path, entry, _makeParents, remove) {
      const found = whiteoutKindOf(path, entry);
      if (found.kind === 'none') return false;
      if (found.kind === 'whiteout') removeOrLeave(found.of, remove);
      if (found.kind === 'opaque') removeForeign(root, parentOf(path), own, remove);
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

/** What is not there need not be removed, nor what would lie below something that is no folder. */
function removeOrLeave(path: Buffer, remove: (path: Buffer) => void): void {
  try {
    remove(path);
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
}

function isAbsence(error: unknown): boolean {
  const reason = LadingError.from(error).reason;
  return reason === 'ENOENT' || reason === 'ENOTDIR';
}

/** Removes what other layers have put into a folder, at any depth; what this layer has put there stays. */
function removeForeign(
  root: ThreadRoot,
  folder: Buffer,
  own: ReadonlySet<string>,
  remove: (path: Buffer) => void,
): void {
  for (const child of childrenOf(root, folder)) {
    const path = inFolder(folder, child.name);
    if (!own.has(path.toString('latin1'))) remove(path);
    else if (child.isDirectory()) removeForeign(root, path, own, remove);
  }
}

function childrenOf(root: ThreadRoot, folder: Buffer): Dirent<Buffer>[] {
  try {
    const place = root.at(folder);
    // A link to a folder is not that folder: what it leads to is not hidden, as with the Go tools.
    if (!lstatSync(place).isDirectory()) return [];
    return readdirSync(place, { encoding: 'buffer', withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}
