// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Code, LadingError } from '@lading/errors';

/** Makes a folder and those above it. Node's own way never ends below /proc, which takes no folders. */
export async function makeFolder(path: string): Promise<void> {
  if (!existsSync(dirname(path))) await makeFolder(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    const reason = LadingError.from(error);
    if (reason.code !== Code.AlreadyExists) throw reason;
  }
}
