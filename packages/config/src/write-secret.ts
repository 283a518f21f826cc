// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Code, LadingError } from '@lading/errors';

/**
 * Writes a file that only its owner may read: to an unguessable name beside it, synced, renamed into place.
 * A link to the file stays a link. Folders that are missing are made with mode 0700.
 */
export async function writeSecret(path: string, text: string): Promise<void> {
  const target = await resolved(path);
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const temporary = join(dirname(target), `.auth-${randomUUID()}`);
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (cause) {
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `cannot write ${path}: ${reason ?? message}`, {
      ...(reason === undefined ? {} : { reason }),
      cause,
    });
  }
}

async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return path;
    throw error;
  }
}
