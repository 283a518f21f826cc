// SPDX-License-Identifier: Apache-2.0
import { closeSync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { Code, LadingError } from '@lading/errors';

/** Makes the names in a folder durable, such as one that was just renamed into it. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const fd = openSync(path, 'r');
    try {
      await promisify(fsync)(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw LadingError.from(error, Code.Internal);
  }
}
