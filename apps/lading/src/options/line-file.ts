// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { LadingError } from '@lading/errors';

/**
 * The lines of a file that a flag names, but for those that are empty or begin with `#`.
 *
 * @param doing said when the file cannot be read
 */
export async function readLineFile(path: string, doing: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const { code, message } = LadingError.from(cause);
    throw new LadingError(code, `${doing}: ${message}`, { cause });
  });
  return text
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
