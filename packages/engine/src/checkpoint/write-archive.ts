// SPDX-License-Identifier: Apache-2.0
import { open, rename, rm } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import { randomBytes } from '@lading/linux';

/** Writes a file that is there as a whole or not at all; none but its owner reads it, as memory holds secrets. */
export async function writeArchive(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await using file = await open(temporary, 'wx', 0o600);
    for await (const chunk of content) await file.writeFile(chunk);
    await file.sync();
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    const { code, message, reason } = LadingError.from(cause, Code.Internal);
    // Not a container that is missing.
    throw new LadingError(
      code === Code.NotFound ? Code.FailedPrecondition : code,
      `cannot write ${path}: ${message}`,
      {
        cause,
        ...(reason !== undefined && { reason }),
      },
    );
  }
}
