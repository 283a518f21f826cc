// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { shown } from './tar-header.ts';

/** The kernel's PATH_MAX and NAME_MAX: longer names cannot be unpacked. */
const pathLength = 4095;
const partLength = 255;

/**
 * The name of an entry in an archive: no slash at either end, none twice, no `.`.
 *
 * @throws LadingError `invalid_argument` for a name that leads out or that no file can have
 */
export function entryName(path: string | Uint8Array): Buffer {
  const bytes = Buffer.from(path);
  // latin1 keeps every byte as one character, so that names that are not UTF-8 survive.
  const parts = bytes.toString('latin1').split('/');
  const kept = parts.filter((part) => part !== '' && part !== '.');
  if (kept.includes('..')) throw refused(bytes, 'has ".." in its path, which could lead out of the layer');
  if (kept.length === 0) throw refused(bytes, 'is the root; a layer holds what is in it');
  if (bytes.includes(0)) throw refused(bytes, 'has a NUL in its path');
  const name = Buffer.from(kept.join('/'), 'latin1');
  if (name.length > pathLength) throw refused(bytes, `has a path of more than ${pathLength} bytes`);
  if (kept.some((part) => part.length > partLength))
    throw refused(bytes, `has a name of more than ${partLength} bytes`);
  return name;
}

export function refused(path: Uint8Array, why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `the entry ${shown(path)} ${why}`, { reason: 'LAYER_ENTRY' });
}

type Kind = 'directory' | 'other';

/** What a layer holds so far; tells what would not come out of it as it is meant. */
export interface EntryNames {
  /** Folders on the way that nothing has made yet, the outermost first; they count as made from now on. */
  missingParents(name: Buffer): readonly Buffer[];
  /** @throws LadingError `invalid_argument` for a second entry of a name, or one below what is not a folder */
  add(name: Buffer, kind: Kind): void;
}

export function createEntryNames(): EntryNames {
  const kinds = new Map<string, Kind | 'implied'>();
  const parentsOf = (name: Buffer): Buffer[] => {
    const found: Buffer[] = [];
    for (let at = name.indexOf(0x2f); at !== -1; at = name.indexOf(0x2f, at + 1))
      found.push(name.subarray(0, at));
    return found;
  };
  const keyOf = (name: Buffer): string => name.toString('latin1');
  return {
    missingParents(name) {
      const missing = parentsOf(name).filter((parent) => !kinds.has(keyOf(parent)));
      for (const parent of missing) kinds.set(keyOf(parent), 'implied');
      return missing;
    },
    add(name, kind) {
      for (const parent of parentsOf(name)) {
        const found = kinds.get(keyOf(parent));
        if (found === undefined) kinds.set(keyOf(parent), 'implied');
        else if (found !== 'directory' && found !== 'implied')
          throw refused(name, `lies in ${shown(parent)}, which is not a folder here`);
      }
      const key = keyOf(name);
      const known = kinds.get(key);
      if (known === 'implied' && kind === 'directory')
        throw refused(name, 'comes after what is in it; put a folder before its content');
      if (known === 'implied') throw refused(name, 'is a folder already, since something lies in it');
      if (known !== undefined) throw refused(name, 'comes twice');
      kinds.set(key, kind);
    },
  };
}
