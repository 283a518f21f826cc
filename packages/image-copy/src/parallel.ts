// SPDX-License-Identifier: Apache-2.0

/**
 * Runs `action` on every item, at most `limit` at a time, in order of their start. After the first failure
 * none is started, the signal that the others got is aborted, and the failure is thrown when all have ended.
 */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal | undefined,
  action: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (next < items.length && !both.aborted) {
      const item = items[next++] as T;
      try {
        await action(item, both);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(Math.max(1, limit), items.length) }, work));
  // The first is the cause; the others were mostly ended by it.
  if (failures.length > 0) throw failures[0];
  signal?.throwIfAborted();
}

/** A place in a row. */
export interface Place {
  /** Resolves when all places before this one were left. */
  readonly turn: Promise<void>;
  leave(): void;
}

/** Makes places in a row, for work that is prepared side by side and done in order. */
export function createRow(): () => Place {
  let last = Promise.resolve();
  return () => {
    const turn = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = turn.then(() => promise);
    return { turn, leave: resolve };
  };
}
