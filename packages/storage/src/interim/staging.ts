// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { type FileLock, lockFile } from '@lading/linux';

/** A folder for things that are being made; it is ours as long as its lock file is locked. */
export interface StagingFolder {
  readonly path: string;
  /** Removes the folder with all that is still in it. Any number of times. */
  remove(): Promise<void>;
}

/** Makes `lock-<n>` and `temp-dir-<n>` in a folder, and removes what dead processes left there. */
export async function makeStagingFolder(base: string): Promise<StagingFolder> {
  await mkdir(base, { recursive: true, mode: 0o700 });
  await removeDead(base);
  const n = randomBytes(4).readUInt32LE();
  const lockPath = join(base, `lock-${n}`);
  const path = join(base, `temp-dir-${n}`);
  const lock = await lockFile(lockPath, { mode: 'exclusive', wait: false });
  await mkdir(path, { mode: 0o700 });
  let removed = false;
  return {
    path,
    async remove() {
      if (removed) return;
      removed = true;
      await removePair(base, n, lock);
    },
  };
}

async function removePair(base: string, n: number | string, lock: FileLock): Promise<void> {
  await rm(join(base, `temp-dir-${n}`), { recursive: true, force: true });
  await rm(join(base, `lock-${n}`), { force: true });
  lock.release();
  try {
    // Older libraries take a folder that they do not know for a broken layer: it must not stay.
    await rmdir(base);
  } catch (cause) {
    const error = LadingError.from(cause);
    if (error.reason !== 'ENOTEMPTY' && error.reason !== 'ENOENT') throw error;
  }
}

/** A lock that can be taken belongs to nobody: its process died. */
async function removeDead(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    const n = /^(?:lock|temp-dir)-(\d+)$/.exec(name)?.[1];
    if (n === undefined) continue;
    try {
      const lock = await lockFile(join(base, `lock-${n}`), { mode: 'exclusive', wait: false });
      await removePair(base, n, lock);
      await mkdir(base, { recursive: true, mode: 0o700 });
    } catch (error) {
      if (!hasCode(error, Code.Unavailable)) throw error;
    }
  }
}
