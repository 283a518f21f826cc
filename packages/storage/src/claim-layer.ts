// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockFile } from '@lading/linux';
import { makeFolder, type Paths } from './paths.ts';
import { isAt } from './temp-dir.ts';

/** Locks a file that has a layer's id as name; it is removed with the claim. */
export async function claimLayer(
  paths: Paths,
  id: string,
  signal: AbortSignal | undefined,
): Promise<AsyncDisposable> {
  makeFolder(paths.locks, 0o700);
  const path = join(paths.locks, id);
  for (;;) {
    const lock = await lockFile(path, { mode: 'exclusive', ...(signal && { signal }) });
    // The holder before removed the file: others may have made and locked a new one.
    if (!isAt(lock, path)) {
      lock.release();
      continue;
    }
    let isHeld = true;
    return {
      async [Symbol.asyncDispose]() {
        if (!isHeld) return;
        isHeld = false;
        if (isAt(lock, path)) rmSync(path, { force: true });
        lock.release();
      },
    };
  }
}
