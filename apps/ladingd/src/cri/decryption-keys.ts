// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import type { DecryptionKey } from '@lading/image-copy';

/** As many as a pull may try one by one. */
const mostKeys = 100;

/**
 * The private keys of a folder, in the order of their names; none where there is no folder. One that cannot be read
 * is no hindrance to images that need another, or none.
 */
export async function readDecryptionKeys(
  folder: string,
  onWarning: (message: string) => void,
): Promise<readonly DecryptionKey[]> {
  const names = await namesOf(folder);
  if (names.length === 0) return [];
  const { readDecryptionKey } = await import('@lading/image-copy');
  const keys: DecryptionKey[] = [];
  for (const name of names.slice(0, mostKeys)) {
    const path = join(folder, name);
    try {
      // What stands behind a colon would be taken for a password.
      if (path.includes(':'))
        throw new LadingError(Code.InvalidArgument, 'its name holds a colon; rename it');
      keys.push(await readDecryptionKey(path));
    } catch (error) {
      onWarning(`the decryption key ${path} is not used: ${LadingError.from(error).message}`);
    }
  }
  return keys;
}

async function namesOf(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .toSorted();
  } catch (error) {
    if (hasCode(LadingError.from(error), Code.NotFound)) return [];
    throw error;
  }
}
