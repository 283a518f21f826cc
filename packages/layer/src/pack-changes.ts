// SPDX-License-Identifier: Apache-2.0
import { allKinds, withFolders } from './change.ts';
import { compareTrees } from './compare-trees.ts';
import { createFileEntryMaker } from './file-entry.ts';
import type { PackOptions } from './pack-options.ts';
import { archiveOf, type PackedTar, type PackItem } from './tar-archive.ts';
import { refuseReservedName, whiteoutEntry } from './whiteout-entries.ts';

/**
 * The tar of what differs between two folders: a layer that makes the second one of the first one. What is gone is
 * in it as a whiteout, what was changed as a whole; see {@link listChanges} for what counts as a change, and
 * {@link packFolder} for the entries. For overlays whose upper directory does not say everything (metacopy,
 * redirect_dir, fuse-overlayfs), give the mounted trees.
 *
 * @throws LadingError as {@link packFolder}; `not_found` when a folder is not there
 */
export function packChanges(before: string, after: string, options: PackOptions = {}): PackedTar {
  return archiveOf(changedItems(before, after, options), options.signal);
}

async function* changedItems(before: string, after: string, options: PackOptions): AsyncGenerator<PackItem> {
  const entryOf = createFileEntryMaker(options);
  const findings = compareTrees(before, after, { signal: options.signal, relinked: true });
  for await (const { name, kind, after: file } of withFolders(findings, allKinds)) {
    if (file !== undefined) refuseReservedName(name);
    const item = file === undefined ? undefined : entryOf(file);
    if (item !== undefined) yield item;
    // A socket is in no layer, but what it took the place of is gone too.
    else if (kind === 'deleted' || kind === 'modified') yield whiteoutEntry(name);
  }
}
