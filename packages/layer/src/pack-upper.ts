// SPDX-License-Identifier: Apache-2.0
import { listXattrs } from '@lading/linux';
import { createFileEntryMaker, type FileEntryMaker } from './file-entry.ts';
import { findLower, type LowerFolders, lowerRoots } from './lower-layers.ts';
import { type OverlayMarks, type OverlayXattrs, overlayMarks } from './overlay-marks.ts';
import type { PackOptions } from './pack-options.ts';
import { archiveOf, type PackedTar, type PackItem } from './tar-archive.ts';
import { checkRoot, findFile, inFolder, namesIn } from './walk-tree.ts';
import { opaqueEntry, refuseReservedName, whiteoutEntry } from './whiteout-entries.ts';

export interface UpperOptions {
  /**
   * The folders of the layers below, the nearest first. With them a folder is said to be opaque only where it hides
   * something. Default: they are not known, and all marks are kept.
   */
  readonly lowers?: readonly string[] | undefined;
  /** How the overlay was mounted. Default `trusted`, which only a process with CAP_SYS_ADMIN can read. */
  readonly overlayXattrs?: OverlayXattrs | undefined;
}

export interface PackUpperOptions extends PackOptions, UpperOptions {}

/**
 * The tar of the upper directory of an overlay: a layer of what was changed. Devices 0/0 become whiteouts `.wh.NAME`,
 * opaque folders get the entry `.wh..wh..opq`; everything else is as in {@link packFolder}. Nothing may write to it
 * meanwhile, or the layer is of no one moment.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#representing-changes
 *
 * @throws LadingError as {@link packFolder}; `failed_precondition` with reason `OVERLAY_METACOPY` or
 * `OVERLAY_REDIRECT` when a file lies in part in the layers below: then mount both trees and use {@link packChanges}
 */
export function packUpper(upper: string, options: PackUpperOptions = {}): PackedTar {
  return archiveOf(upperItems(upper, options), options.signal);
}

function* upperItems(upper: string, options: PackUpperOptions): Generator<PackItem> {
  const root = Buffer.from(upper);
  checkRoot(root);
  const lowers = options.lowers === undefined ? undefined : lowerRoots(options.lowers);
  const marks = overlayMarks(options.overlayXattrs ?? 'trusted');
  yield* itemsIn(root, Buffer.alloc(0), lowers, { marks, entryOf: createFileEntryMaker(options) });
}

interface Makers {
  readonly marks: OverlayMarks;
  readonly entryOf: FileEntryMaker;
}

function* itemsIn(
  folder: Buffer,
  prefix: Buffer,
  lowers: LowerFolders | undefined,
  makers: Makers,
): Generator<PackItem> {
  const { marks, entryOf } = makers;
  for (const base of namesIn(folder)) {
    const file = findFile(folder, prefix, base);
    if (file === undefined) continue;
    const { path, name, stat } = file;
    refuseReservedName(name);
    const xattrs = stat.isSocket() ? [] : listXattrs(path);
    if (marks.isWhiteout(path, stat, xattrs)) {
      yield whiteoutEntry(name);
      continue;
    }
    marks.refuseReferences(path, name, xattrs);
    const item = entryOf(file, xattrs);
    if (item !== undefined) yield item;
    if (!stat.isDirectory() && item !== undefined) continue;
    const below = lowers === undefined ? undefined : findLower(lowers, base, marks);
    if (!stat.isDirectory()) {
      // A socket is in no layer, but what it took the place of is gone too.
      if (below !== undefined) yield whiteoutEntry(name);
      continue;
    }
    const isOpaque = marks.isOpaque(path, xattrs);
    if (isOpaque && (lowers === undefined || below !== undefined)) yield opaqueEntry(name);
    const merged = isOpaque ? [] : (below?.folders ?? []);
    yield* itemsIn(path, inFolder(name, Buffer.alloc(0)), lowers === undefined ? undefined : merged, makers);
  }
}
