// SPDX-License-Identifier: Apache-2.0
import type { FoundFile } from './file-entry.ts';
import { walkTree } from './walk-tree.ts';

/**
 * Tells whether a file has got or lost other names between two trees. Their number alone does not say it: one may have
 * gone when another came. The trees are walked for that when the first such file is met.
 */
export function createRelinkTest(
  before: string,
  after: string,
): (before: FoundFile, after: FoundFile) => boolean {
  let names: readonly [ReadonlyMap<string, string>, ReadonlyMap<string, string>] | undefined;
  return (was, is) => {
    if (was.stat.nlink !== is.stat.nlink) return true;
    if (was.stat.nlink === 1n || was.stat.isDirectory() || is.stat.isDirectory()) return false;
    names ??= [namesOfFiles(before), namesOfFiles(after)];
    return names[0].get(inodeOf(was)) !== names[1].get(inodeOf(is));
  };
}

/** All names in the tree of each file that has several, in the order of the walk. */
function namesOfFiles(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of walkTree(root)) {
    if (file.stat.nlink === 1n || file.stat.isDirectory()) continue;
    const inode = inodeOf(file);
    found.set(inode, `${found.get(inode) ?? ''}${file.name.toString('latin1')}\0`);
  }
  return found;
}

function inodeOf({ stat }: FoundFile): string {
  return `${stat.dev}:${stat.ino}`;
}
