// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { entryName } from './entry-names.ts';
import { createFileEntryMaker, type FoundFile } from './file-entry.ts';
import type { PackOptions } from './pack-options.ts';
import { archiveOf, type PackedTar, type PackItem } from './tar-archive.ts';
import { checkRoot, inFolder, walkTree } from './walk-tree.ts';
import { refuseReservedName } from './whiteout-entries.ts';

/** Options of {@link packFolder}. */
export interface PackFolderOptions extends PackOptions {
  /** Names that begin with `.wh.` are names as others are: for an archive that is no layer. Default false. */
  readonly anyNames?: boolean | undefined;
  /** The folder itself comes first, under this name, and all else below it. Default: it is left out. */
  readonly name?: string | Uint8Array | undefined;
}

/**
 * The tar of a folder, without the folder itself unless it is given a `name`: names sorted by bytes, canonical headers, whole seconds, hard links
 * by inode, the same bytes for the same tree wherever it is made. Of the extended attributes `security.capability`,
 * `security.ima` and `user.*` are kept. Sockets are left out: a tar cannot hold them.
 *
 * @throws LadingError `aborted` when a file shrinks while it is read; `invalid_argument` for what a layer cannot hold:
 * a name that begins with `.wh.` unless `anyNames`, or the name of an extended attribute with `=` in it
 */
export function packFolder(directory: string, options: PackFolderOptions = {}): PackedTar {
  return archiveOf(folderItems(directory, options), options.signal);
}

function* folderItems(directory: string, options: PackFolderOptions): Generator<PackItem> {
  const entryOf = createFileEntryMaker(options);
  const top = options.name === undefined ? undefined : entryName(options.name);
  for (const file of top === undefined ? walkTree(directory) : walkTreeNamed(directory, top)) {
    if (!options.anyNames) refuseReservedName(file.name);
    const item = entryOf(file);
    if (item !== undefined) yield item;
  }
}

function* walkTreeNamed(directory: string, name: Buffer): Generator<FoundFile> {
  const path = Buffer.from(directory);
  checkRoot(path);
  yield { path, name, stat: statSync(path, { bigint: true }) };
  for (const file of walkTree(directory)) yield { ...file, name: inFolder(name, file.name) };
}
