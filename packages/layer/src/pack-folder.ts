// SPDX-License-Identifier: Apache-2.0
import { createFileEntryMaker } from './file-entry.ts';
import type { PackOptions } from './pack-options.ts';
import { archiveOf, type PackedTar, type PackItem } from './tar-archive.ts';
import { walkTree } from './walk-tree.ts';
import { refuseReservedName } from './whiteout-entries.ts';

/**
 * The tar of a folder, without the folder itself: names sorted by bytes, canonical headers, whole seconds, hard links
 * by inode, the same bytes for the same tree wherever it is made. Of the extended attributes `security.capability`,
 * `security.ima` and `user.*` are kept. Sockets are left out: a tar cannot hold them.
 *
 * @throws LadingError `aborted` when a file shrinks while it is read; `invalid_argument` for what a layer cannot hold:
 * a name that begins with `.wh.`, or the name of an extended attribute with `=` in it
 */
export function packFolder(directory: string, options: PackOptions = {}): PackedTar {
  return archiveOf(folderItems(directory, options), options.signal);
}

function* folderItems(directory: string, options: PackOptions): Generator<PackItem> {
  const entryOf = createFileEntryMaker(options);
  for (const file of walkTree(directory)) {
    refuseReservedName(file.name);
    const item = entryOf(file);
    if (item !== undefined) yield item;
  }
}
