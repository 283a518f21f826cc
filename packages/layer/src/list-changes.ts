// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { allKinds, type Change, changeOf, withFolders } from './change.ts';
import { compareTrees } from './compare-trees.ts';

/**
 * Lists what differs between two folders, in the order of bytes: mode, owner, device number, size, time (a time of
 * whole seconds is the same as any in its second), extended attributes, target of a link, and the content of files
 * whose times cannot tell. Folders that hold a change are modified; what was in a deleted folder is not listed.
 *
 * @throws LadingError `not_found` when a folder is not there; `canceled`
 */
export async function* listChanges(
  before: string,
  after: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Change> {
  try {
    const findings = compareTrees(before, after, { signal: options.signal, relinked: false });
    for await (const finding of withFolders(findings, allKinds)) yield changeOf(finding);
  } catch (error) {
    throw LadingError.from(error);
  }
}
