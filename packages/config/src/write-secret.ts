// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
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
    await makeFolder(dirname(target));
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

/** Node's own way never ends below /proc, which takes no folders. */
async function makeFolder(path: string): Promise<void> {
  if (!existsSync(dirname(path))) await makeFolder(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (LadingError.from(error).code !== Code.AlreadyExists) throw error;
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
