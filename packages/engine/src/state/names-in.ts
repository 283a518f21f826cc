// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { isMissing } from './atomic-file.ts';

/**
 * Names in a folder; none when it has not been made. Reads it at once: `node:fs/promises` and the threads behind it take
 * longer to start than many a command runs.
 */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw LadingError.from(error, Code.Internal);
  }
}
