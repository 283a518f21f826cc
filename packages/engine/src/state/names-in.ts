// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import { isMissing } from './atomic-file.ts';

/** Names in a folder; none when it has not been made. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw LadingError.from(error, Code.Internal);
  }
}
