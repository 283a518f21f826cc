// SPDX-License-Identifier: Apache-2.0
import { type Dirent, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every path below folders, but what is below mounts of the store and what goes by itself after a while. */
export function filesBelow(root: string, folders: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) => pathsBelow(join(root, folder)))
    .map((path) => relative(root, path))
    .filter((path) => !/^run\/lading\/ended\/|\/diff\//.test(path))
    .sort();
}

function pathsBelow(folder: string): readonly string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...pathsBelow(path)] : [path];
  });
}

/** A folder may be removed while it is looked for. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
