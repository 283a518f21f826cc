// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { KeySource } from '@lading/config';
import { LadingError } from '@lading/errors';

/** Reads keys when they are needed: a missing file refuses the images that need it, and no others. */
export async function readKeySource({ paths, data }: KeySource): Promise<readonly Uint8Array[]> {
  const files: Uint8Array[] = [];
  for (const path of paths) {
    try {
      files.push(await readFile(path));
    } catch (error) {
      const { code, reason, message } = LadingError.from(error);
      throw new LadingError(code, `cannot read the key ${path} of the policy: ${reason ?? message}`, {
        cause: error,
      });
    }
  }
  return [...files, ...data];
}
