// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import { callAside, shown } from './libc.ts';

/**
 * Waits until everything that was written to the file system of a path is on the disk: syncfs(2), on a thread of its own.
 *
 * @throws LadingError `data_loss` with reason EIO when the disk did not take it; `not_found`
 *
 * @example
 * ```ts
 * import { syncFilesystem } from '@lading/linux';
 *
 * await syncFilesystem('/');
 * console.log('what was written is safe'); // → what was written is safe
 * ```
 */
export async function syncFilesystem(path: string): Promise<void> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw LadingError.from(error);
  });
  try {
    if ((await callAside('syncfs', file.fd)) === 0) return;
  } finally {
    await file.close();
  }
  throw new LadingError(
    Code.DataLoss,
    `syncfs ${shown(path)}: the disk did not take what was written (EIO)`,
    {
      reason: 'EIO',
    },
  );
}
