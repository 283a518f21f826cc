// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';

/**
 * Absolute path of a program: looked up in PATH, or the path itself when there is a slash in it.
 *
 * @param debianPackage - named in the error, so that the reader knows what to install
 * @throws NotFound with reason PROGRAM_UNKNOWN
 */
export async function findProgram(name: string, debianPackage: string): Promise<string> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const candidates = name.includes('/') ? [name] : folders.map((folder) => join(folder, name));
  for (const path of candidates) if (isAbsolute(path) && isProgram(path)) return path;
  const where = name.includes('/')
    ? 'is not an executable file'
    : `is in no folder of PATH (${folders.join(':')})`;
  throw new LadingError(
    Code.NotFound,
    `program "${name}" ${where}; install the Debian package ${debianPackage}, or name another program`,
    { reason: 'PROGRAM_UNKNOWN', details: { program: name, debianPackage } },
  );
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
