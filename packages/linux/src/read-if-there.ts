// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';

/** Text of a file of /proc or /sys; undefined when it is not there. Not awaited: the kernel makes it up at once. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const error = LadingError.from(cause, Code.Internal);
    // ESRCH: the process ended between open and read.
    if (error.reason === 'ENOENT' || error.reason === 'ESRCH') return undefined;
    throw error;
  }
}
