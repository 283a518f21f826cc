// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/**
 * The file name for an item of big data: the key itself when it is all dots, digits and small letters, else `=` and
 * its base64. A key whose last character alone is another one stays as it is; the Go library does so, and files
 * under any other name would not be found.
 *
 * @throws LadingError `invalid_argument` for a key that has no safe file name
 */
export function bigDataFileName(key: string): string {
  const name = /^[.0-9a-z]*.?$/su.test(key) ? key : `=${Buffer.from(key).toString('base64')}`;
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new LadingError(
      Code.InvalidArgument,
      `${JSON.stringify(key.slice(0, 80))} cannot be the name of stored data`,
    );
  }
  return name;
}
