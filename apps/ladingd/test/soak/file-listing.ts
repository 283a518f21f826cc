// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every path below folders, but what is below mounts of the store and what goes by itself after a while. */
export function filesBelow(root: string, folders: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).map((entry) =>
        relative(root, join(entry.parentPath, entry.name)),
      ),
    )
    .filter((path) => !/^run\/lading\/ended\/|\/diff\//.test(path))
    .sort();
}
