// SPDX-License-Identifier: Apache-2.0
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LadingError } from '@lading/errors';
import { removeAbandoned, temporaryPath } from '@lading/registry-client/layout';

/** Writes a file that is there as a whole, or stays what it was. A pipe or device is written to as it is. */
export async function writeOutput(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const there = await stat(path).catch((error: unknown) => {
    if (LadingError.from(error).reason === 'ENOENT') return undefined;
    throw unwritable(path, error);
  });
  const isReplaced = there === undefined || there.isFile();
  const target = isReplaced ? temporaryPath(dirname(path)) : path;
  try {
    await using file = await open(target, isReplaced ? 'wx' : 'w', 0o644).catch((error: unknown) => {
      throw unwritable(path, error);
    });
    for await (const chunk of chunks) {
      await file.writeFile(chunk).catch((error: unknown) => {
        throw unwritable(path, error);
      });
    }
    if (!isReplaced) return;
    await rename(target, path);
    await removeAbandoned(dirname(path));
  } catch (error) {
    if (isReplaced) await rm(target, { force: true });
    throw error;
  }
}

function unwritable(path: string, cause: unknown): LadingError {
  const { code, reason, message } = LadingError.from(cause);
  return new LadingError(code, `cannot write ${path}: ${reason ?? message}`, { cause });
}
