// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { type FileLock, lockFile } from '@lading/linux';
import { lastWriteLength, newLastWrite } from './last-write.ts';
import { checkSignal, inTurn } from './turn.ts';

/** A lock file of the store while it is held. */
export interface HeldLock {
  /** What the last writer left in it; equal bytes mean that nothing was written since. */
  lastWrite(): Buffer;
  /** Says that something is about to be written. Only under an exclusive lock. */
  stamp(): void;
}

export interface HoldOptions {
  readonly mode: 'shared' | 'exclusive';
  readonly signal: AbortSignal | undefined;
}

/**
 * Does work while it holds a lock file. Who holds several takes them in this order, as all tools do:
 * storage.lock, layers.lock, images.lock, containers.lock; mountpoints.lock inside layers.lock.
 */
export async function holdLock<T>(
  path: string,
  options: HoldOptions,
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  checkSignal(signal);
  return inTurn(path, signal, async () => {
    try {
      using lock = await takeLock(path, options);
      // On a read-only file system there need be no lock file: nobody can write.
      if (lock === undefined) return await work({ lastWrite: () => Buffer.alloc(0), stamp() {} });
      return await work({
        lastWrite: () => lock.read(lastWriteLength),
        stamp: () => lock.write(newLastWrite()),
      });
    } catch (error) {
      throw LadingError.from(error, Code.Internal);
    }
  });
}

async function takeLock(path: string, { mode, signal }: HoldOptions): Promise<FileLock | undefined> {
  try {
    return await lockFile(path, { mode, ...(signal && { signal }) });
  } catch (error) {
    if (mode === 'shared' && hasCode(error, Code.NotFound) && existsSync(dirname(path))) return undefined;
    throw error;
  }
}

/** The same with several files, in this order. What is said of one write is said in all of them. */
export function holdLocks<T>(
  paths: readonly string[],
  options: HoldOptions,
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const hold = (index: number, held: readonly HeldLock[]): Promise<T> => {
    const path = paths[index];
    if (path !== undefined) return holdLock(path, options, (lock) => hold(index + 1, [...held, lock]));
    return work({
      lastWrite: () => Buffer.concat(held.map((lock) => lock.lastWrite())),
      stamp: () => held.forEach((lock) => void lock.stamp()),
    });
  };
  return hold(0, []);
}
