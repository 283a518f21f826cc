// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { lockFile } from '@lading/linux';
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
  const { mode, signal } = options;
  checkSignal(signal);
  return inTurn(path, signal, async () => {
    try {
      using lock = await lockFile(path, { mode, ...(signal && { signal }) });
      return await work({
        lastWrite: () => lock.read(lastWriteLength),
        stamp: () => lock.write(newLastWrite()),
      });
    } catch (error) {
      throw LadingError.from(error, Code.Internal);
    }
  });
}
