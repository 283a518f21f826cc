// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LadingError } from '@lading/errors';

/** The first line of a file that `pod create --pod-id-file` has written. */
export async function readPodIdFile(file: string, cwd: string): Promise<string> {
  try {
    const [id = ''] = (await readFile(resolve(cwd, file), 'utf8')).split('\n');
    return id.trim();
  } catch (cause) {
    const { code, message } = LadingError.from(cause);
    throw new LadingError(code, `reading pod ID file ${file}: ${message}`, { cause });
  }
}
