// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { readMounts, unmount } from '@lading/linux';

export function mountedPaths(): ReadonlySet<string> {
  return new Set(readMounts().map(({ target }) => target));
}

/** Whether any of the paths is below a folder. */
export function isAnyBelow(paths: Iterable<string>, folder: string): boolean {
  return [...paths].some((path) => path.startsWith(`${folder}/`));
}

/** Unmounts everything below a folder, newest first. */
export function unmountBelow(folder: string): void {
  for (const target of [...mountedPaths()].reverse()) {
    if (!target.startsWith(`${folder}/`)) continue;
    try {
      unmount(target);
    } catch (error) {
      if (LadingError.from(error).reason !== 'EBUSY') throw error;
      unmount(target, { lazy: true });
    }
  }
}
