// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';

/** Makes the names in a folder durable, such as one that was just renamed into it. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    await using folder = await open(path, 'r');
    await folder.sync();
  } catch (error) {
    throw LadingError.from(error, Code.Internal);
  }
}
