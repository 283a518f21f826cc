// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs';
import type { OverlayMarks } from './overlay-marks.ts';
import { checkRoot, inFolder, statOf } from './walk-tree.ts';

/** One folder as the layers below show it: the folders that are merged there, the nearest first. */
export type LowerFolders = readonly Buffer[];

/** What the layers below show under a name. */
export interface LowerFile {
  readonly stat: BigIntStats;
  /** For a folder: what is merged into it. Else empty. */
  readonly folders: LowerFolders;
}

export function lowerRoots(lowers: readonly string[]): LowerFolders {
  return lowers.map((lower) => {
    const path = Buffer.from(lower);
    checkRoot(path);
    return path;
  });
}

/**
 * Finds a name as overlay does. Only folders that were found to be folders are looked into, so that a symbolic link in
 * a layer cannot lead to a place outside of it.
 */
export function findLower(folders: LowerFolders, base: Buffer, marks: OverlayMarks): LowerFile | undefined {
  let first: BigIntStats | undefined;
  const merged: Buffer[] = [];
  for (const folder of folders) {
    const path = inFolder(folder, base);
    const stat = statOf(path);
    if (stat === undefined) continue;
    if (marks.isWhiteout(path, stat)) break;
    if (!stat.isDirectory()) {
      first ??= stat;
      break;
    }
    first ??= stat;
    merged.push(path);
    if (marks.isOpaque(path)) break;
  }
  return first === undefined ? undefined : { stat: first, folders: merged };
}
