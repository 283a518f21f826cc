// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

const tails = new Map<string, Promise<void>>();

/**
 * Runs work for a key one after the other, in the order of the calls. Callers in one process wait here rather than at
 * the lock file, where waiting means asking again and again.
 *
 * @throws LadingError `canceled` or `deadline_exceeded` when the signal ends the wait
 */
export async function inTurn<T>(
  key: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const before = tails.get(key);
  const { promise: mine, resolve: finish } = Promise.withResolvers<void>();
  const tail = before === undefined ? mine : before.then(() => mine);
  tails.set(key, tail);
  try {
    if (before !== undefined) await unlessAborted(before, signal);
    return await work();
  } finally {
    finish();
    if (tails.get(key) === tail) tails.delete(key);
  }
}

async function unlessAborted(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return wait;
  checkSignal(signal);
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(abortError(signal));
  signal.addEventListener('abort', abort);
  try {
    await Promise.race([wait, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** @throws LadingError when the signal was aborted */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

function abortError(signal: AbortSignal): LadingError {
  return LadingError.from(signal.reason, Code.Canceled);
}
