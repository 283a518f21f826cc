// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { LadingError } from '@lading/errors';

/** Where a shell looks that was not told. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The folders of PATH, without those that depend on where this process is.
 *
 * @example
 * ```ts
 * import { programFolders } from '@lading/linux';
 *
 * console.log(programFolders().includes('.')); // → false
 * ```
 */
export function programFolders(): readonly string[] {
  return (process.env.PATH ?? defaultPath).split(delimiter).filter(isAbsolute);
}

/**
 * Absolute path of a program: the first of its name in PATH, or itself when there is a slash in it. Undefined when that
 * is no file that may be executed.
 *
 * @example
 * ```ts
 * import { programPath } from '@lading/linux';
 *
 * console.log(programPath('/bin/sh'), programPath('no-such-program')); // → /bin/sh undefined
 * ```
 */
export function programPath(name: string): string | undefined {
  const candidates = name.includes('/') ? [name] : programFolders().map((folder) => join(folder, name));
  return candidates.find((path) => isAbsolute(path) && isProgram(path));
}

/** Without waiting: PATH is long, and every start of a container comes by here. */
function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    const { reason } = LadingError.from(error);
    if (reason === 'ENOENT' || reason === 'EACCES' || reason === 'ENOTDIR' || reason === 'ELOOP')
      return false;
    throw LadingError.from(error);
  }
}
