// SPDX-License-Identifier: Apache-2.0
import { itemOf } from './entry-item.ts';
import { createEntryNames, entryName, refused } from './entry-names.ts';
import type { LayerEntry } from './layer-entry.ts';
import { type PackOptions, timeCutter } from './pack-options.ts';
import { archiveOf, type PackedTar, type PackItem } from './tar-archive.ts';
import { untilAborted } from './until-aborted.ts';
import { opaqueEntry, refuseReservedName, whiteoutEntry } from './whiteout-entries.ts';

export interface PackEntriesOptions extends Pick<PackOptions, 'mtime' | 'timePrecision' | 'signal'> {
  /**
   * Folders on the way to an entry that no entry has made: `made`, with mode 0755, owner 0:0 and the time 1970, or
   * `omitted`, so that a folder of the layers below stays as it is. Default `made`.
   */
  readonly parents?: 'made' | 'omitted' | undefined;
}

/**
 * The tar of entries given in code, in the order in which they are given. The same entries give the same bytes.
 *
 * @throws LadingError `invalid_argument` with reason `LAYER_ENTRY` for an entry that would not come out of the layer
 * as it is meant, naming it: a path with `..`, one that comes twice or lies in a file, a hard link to nothing, a number
 * out of range; `invalid_argument` for a stream of another length than was promised; `not_found` for a missing file
 */
export function packEntries(
  entries: Iterable<LayerEntry> | AsyncIterable<LayerEntry>,
  options: PackEntriesOptions = {},
): PackedTar {
  return untilAborted(archiveOf(itemsOf(entries, options), options.signal), options.signal);
}

async function* itemsOf(
  entries: Iterable<LayerEntry> | AsyncIterable<LayerEntry>,
  { parents = 'made', ...options }: PackEntriesOptions,
): AsyncGenerator<PackItem> {
  const cut = timeCutter(options);
  const names = createEntryNames();
  // What links say again of the file: Go's tools set it anew at each.
  const files = new Map<string, Pick<PackItem, 'mode' | 'uid' | 'gid' | 'mtimeNs'>>();
  for await (const entry of entries) {
    const name = entryName(entry.path);
    refuseReservedName(name);
    // The mark of an opaque folder is a file in it.
    const place = entry.type === 'opaque' ? Buffer.concat([name, Buffer.from('/.wh..wh..opq')]) : name;
    if (parents === 'made') {
      for (const parent of names.missingParents(place)) yield madeFolder(parent);
    }
    if (entry.type === 'opaque') {
      names.add(place, 'other');
      yield opaqueEntry(name);
    } else if (entry.type === 'whiteout') {
      names.add(name, 'other');
      yield whiteoutEntry(name);
    } else if (entry.type === 'link') {
      names.add(name, 'other');
      const linkName = entryName(entry.target);
      const file = files.get(linkName.toString('latin1'));
      if (file === undefined)
        throw refused(name, 'is a hard link to what is not a file before it in the layer');
      files.set(name.toString('latin1'), file);
      yield { ...file, name, linkName, type: 'link', size: 0 };
    } else {
      names.add(name, entry.type === 'directory' ? 'directory' : 'other');
      const item = itemOf(name, entry, cut);
      const { mode, uid, gid, mtimeNs } = item;
      if (item.type === 'file') files.set(name.toString('latin1'), { mode, uid, gid, mtimeNs });
      yield item;
    }
  }
}

const fresh = { mode: 0o755, uid: 0, gid: 0, size: 0, mtimeNs: 0n } as const;

function madeFolder(name: Buffer): PackItem {
  return { ...fresh, type: 'directory', name: Buffer.concat([name, Buffer.from('/')]) };
}
