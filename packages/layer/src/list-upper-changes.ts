// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { type Change, changeOf, type Finding, withFolders } from './change.ts';
import type { FoundFile } from './file-entry.ts';
import { findLower, type LowerFile, type LowerFolders, lowerRoots } from './lower-layers.ts';
import { type OverlayMarks, overlayMarks } from './overlay-marks.ts';
import type { UpperOptions } from './pack-upper.ts';
import { isSameFolder } from './same-file.ts';
import { checkRoot, findFile, inFolder, namesIn } from './walk-tree.ts';

export interface ListUpperOptions extends UpperOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lists what an overlay changed, as `podman diff` has it: what is in its upper directory is `modified` where a layer
 * below has it, else `added`; whiteouts are `deleted`, and so is a folder that was removed and made anew, before what
 * it holds now. Folders around what is added or deleted are modified. Without `lowers` everything that is there is `added`.
 *
 * @throws LadingError `not_found` when a folder is not there; `failed_precondition` as {@link packUpper}; `canceled`
 */
export async function* listUpperChanges(
  upper: string,
  options: ListUpperOptions = {},
): AsyncGenerator<Change> {
  const { lowers = [], overlayXattrs = 'trusted', signal } = options;
  try {
    const root = Buffer.from(upper);
    checkRoot(root);
    const findings = findingsIn(root, Buffer.alloc(0), lowerRoots(lowers), overlayMarks(overlayXattrs));
    for await (const finding of withFolders(findings, tellingKinds)) {
      signal?.throwIfAborted();
      yield changeOf(finding);
    }
  } catch (error) {
    throw LadingError.from(error);
  }
}

/** So podman has it: not those around what is only modified. */
const tellingKinds = ['added', 'deleted'] as const;

/** Podman looks at the size too, which says on some file systems how much a folder holds. */
function isAsBelow(file: FoundFile, { stat, folders: [nearest] }: LowerFile): boolean {
  if (nearest === undefined || stat.size !== file.stat.size) return false;
  return isSameFolder({ path: nearest, name: file.name, stat }, file);
}

function* findingsIn(
  folder: Buffer,
  prefix: Buffer,
  lowers: LowerFolders,
  marks: OverlayMarks,
): Generator<Finding> {
  for (const base of namesIn(folder)) {
    const file = findFile(folder, prefix, base);
    if (file === undefined) continue;
    const { path, name, stat } = file;
    if (marks.isWhiteout(path, stat)) {
      yield { name, kind: 'deleted' };
      continue;
    }
    const below = findLower(lowers, base, marks);
    if (!stat.isDirectory()) {
      yield { name, kind: below === undefined ? 'added' : 'modified' };
      continue;
    }
    marks.refuseReferences(path, name);
    const isOpaque = marks.isOpaque(path);
    if (below === undefined) yield { name, kind: 'added' };
    else if (isOpaque) yield { name, kind: 'deleted' };
    else {
      yield { name, kind: isAsBelow(file, below) ? 'same-folder' : 'modified' };
    }
    yield* findingsIn(path, inFolder(name, Buffer.alloc(0)), isOpaque ? [] : (below?.folders ?? []), marks);
  }
}
