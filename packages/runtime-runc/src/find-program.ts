// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { programFolders, programPath } from '@lading/linux';

/**
 * Absolute path of a program: looked up in PATH, or the path itself when there is a slash in it.
 *
 * @param debianPackage - named in the error, so that the reader knows what to install
 * @throws NotFound with reason PROGRAM_UNKNOWN
 */
export async function findProgram(name: string, debianPackage: string): Promise<string> {
  const path = programPath(name);
  if (path !== undefined) return path;
  const where = name.includes('/')
    ? 'is not an executable file'
    : `is in no folder of PATH (${programFolders().join(':')})`;
  throw new LadingError(
    Code.NotFound,
    `program "${name}" ${where}; install the Debian package ${debianPackage}, or name another program`,
    { reason: 'PROGRAM_UNKNOWN', details: { program: name, debianPackage } },
  );
}
