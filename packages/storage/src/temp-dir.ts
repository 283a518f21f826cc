// SPDX-License-Identifier: Apache-2.0
import { existsSync, fstatSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type FileLock, lockFile, randomBytes } from '@lading/linux';
import { unmountBelow } from './mounted.ts';
import { ifThere, makeFolder, newFolder } from './paths.ts';
import { removeTree } from './remove-tree.ts';

/** A folder for work in progress that outlives neither its user nor a crash. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** Removes it with all that is left in it. Any number of times. */
  release(): Promise<void>;
}

/** Of this process: who sweeps need not try their locks, of which there may be hundreds. */
const own = new Set<string>();

/**
 * Makes a folder `temp-dir-N` beside a file `lock-N` that stays locked while the folder is in use: a folder whose lock
 * can be taken belongs to nobody, and every tool removes it.
 */
export async function openTempDir(home: string): Promise<TempDir> {
  try {
    makeFolder(home, 0o700);
  } catch (error) {
    throw LadingError.from(error, Code.Internal);
  }
  for (;;) {
    const number = randomBytes(6).readUIntLE(0, 6) % 2 ** 47;
    const lockPath = join(home, `lock-${number}`);
    const lock = await lockFile(lockPath, { mode: 'exclusive' });
    // Somebody may have taken it for a leftover before it was locked.
    if (!isAt(lock, lockPath)) {
      lock.release();
      continue;
    }
    const path = join(home, `temp-dir-${number}`);
    own.add(lockPath);
    const release = async (): Promise<void> => {
      try {
        await removeTree(path);
        if (isAt(lock, lockPath)) rmSync(lockPath, { force: true });
      } finally {
        own.delete(lockPath);
        // What could not be removed is the next writer's.
        lock.release();
      }
    };
    try {
      newFolder(path, 0o700);
    } catch (error) {
      own.delete(lockPath);
      lock.release();
      throw LadingError.from(error);
    }
    let released: Promise<void> | undefined;
    const once = (): Promise<void> => {
      released ??= release();
      return released;
    };
    return { path, release: once, [Symbol.asyncDispose]: once };
  }
}

/** The number in the name of a folder for work in progress, or of its lock file. */
export function tempNumber(name: string): string | undefined {
  return /^(?:lock|temp-dir)-(\d+)$/.exec(name)?.[1];
}

/** Whether nobody uses such a folder any more. */
export async function isUnused(home: string, number: string): Promise<boolean> {
  const lockPath = join(home, `lock-${number}`);
  // The lock file is made first and removed last.
  if (!existsSync(lockPath)) return existsSync(join(home, `temp-dir-${number}`));
  const lock = await tryLock(lockPath);
  lock?.release();
  return lock !== undefined;
}

/** Removes the folders whose users are gone. */
export async function sweepTempDirs(home: string): Promise<void> {
  const names = ifThere(() => readdirSync(home)) ?? [];
  for (const name of names) {
    const number = tempNumber(name);
    if (number === undefined) continue;
    const lockPath = join(home, `lock-${number}`);
    if (own.has(lockPath)) continue;
    const lock = await tryLock(lockPath);
    if (lock === undefined) continue;
    try {
      if (!isAt(lock, lockPath)) continue;
      const folder = join(home, `temp-dir-${number}`);
      // Who was killed while it tried a mount.
      unmountBelow(folder);
      await removeTree(folder);
      rmSync(lockPath, { force: true });
    } finally {
      lock.release();
    }
  }
}

/** Undefined when somebody else holds it. */
export async function tryLock(path: string): Promise<FileLock | undefined> {
  try {
    return await lockFile(path, { mode: 'exclusive', wait: false });
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.reason === 'LOCKED') return undefined;
    throw failure;
  }
}

/** Whether the file that is locked is still the one of that name. */
export function isAt(lock: FileLock, path: string): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  return named !== undefined && named.ino === fstatSync(lock.fd).ino;
}
