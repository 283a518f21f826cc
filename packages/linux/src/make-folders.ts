// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Code, LadingError } from '@lading/errors';

/**
 * Makes a folder and what is missing above it. Node's own way never ends where the file system takes no new folders
 * and says that it does not know the path, as below /proc.
 *
 * @returns whether the folder is new; one that is there keeps its mode
 * @throws FailedPrecondition when the file system has no place for it, or something else is there (`ENOTDIR`)
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { makeFolders } from '@lading/linux';
 *
 * const folder = mkdtempSync(join(tmpdir(), 'example-'));
 * console.log(makeFolders(join(folder, 'a/b'), 0o700)); // → true
 * console.log(makeFolders(join(folder, 'a/b'), 0o700)); // → false
 * rmSync(folder, { recursive: true });
 * ```
 */
export function makeFolders(path: string, mode: number): boolean {
  if (isFolder(path)) return false;
  const above = dirname(path);
  if (above !== path) makeFolders(above, mode);
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    // Another process was faster.
    if (isFolder(path)) return false;
    const reason = LadingError.from(error);
    if (reason.code === Code.AlreadyExists) {
      throw new LadingError(
        Code.FailedPrecondition,
        `${path} is no folder; move it away, or name another place`,
        {
          reason: 'ENOTDIR',
          cause: error,
        },
      );
    }
    if (reason.code !== Code.NotFound) throw reason;
    throw new LadingError(
      Code.FailedPrecondition,
      `cannot make the folder ${path}: ${above} takes no new folders; name a place on a disk`,
      { cause: error },
    );
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
