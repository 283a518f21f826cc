// SPDX-License-Identifier: Apache-2.0

export type ChangeKind = 'added' | 'modified' | 'deleted';

/** One difference between two trees. */
export interface Change {
  /** From the root of the tree, with a slash in front. Bytes that are not UTF-8 become U+FFFD. */
  readonly path: string;
  /** The same as it is on the disk. */
  readonly rawPath: Buffer;
  readonly kind: ChangeKind;
}

/** What was found of a name: a change, or a folder that is as it was, but for what may be in it. */
export interface Finding {
  /** From the root of the tree, without a slash in front. */
  readonly name: Buffer;
  readonly kind: ChangeKind | 'same-folder';
}

/**
 * Folders that are as they were, but hold a change, count as modified: so a layer keeps their owners and modes where
 * it is unpacked alone. Each comes right before the first change in it.
 *
 * @param telling the kinds of changes that make the folders around them come
 */
export async function* withFolders<T extends Finding>(
  findings: Iterable<T> | AsyncIterable<T>,
  telling: readonly ChangeKind[],
): AsyncGenerator<T> {
  const folders: T[] = [];
  for await (const finding of findings) {
    while (!isInside(finding.name, folders.at(-1))) folders.pop();
    if (finding.kind === 'same-folder') folders.push(finding);
    else {
      if (telling.includes(finding.kind)) yield* folders.splice(0);
      yield finding;
    }
  }
}

export const allKinds: readonly ChangeKind[] = ['added', 'modified', 'deleted'];

function isInside(name: Buffer, folder: Finding | undefined): boolean {
  if (folder === undefined) return true;
  const length = folder.name.length;
  return name[length] === 0x2f && name.subarray(0, length).equals(folder.name);
}

export function changeOf({ name, kind }: Finding): Change {
  const rawPath = Buffer.concat([Buffer.from('/'), name]);
  return { path: rawPath.toString(), rawPath, kind: kind === 'same-folder' ? 'modified' : kind };
}
