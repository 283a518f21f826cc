// SPDX-License-Identifier: Apache-2.0
import { throwIfAborted } from './retry.ts';

/** Runs work side by side, all of it ended by the first failure. */
export interface Crew {
  /** Aborted by the caller's signal, and by the first failure. */
  readonly signal: AbortSignal;
  /** Runs `action` on every item, and settles only when nothing of it runs any more. */
  each<T>(items: Iterable<T>, action: (item: T) => Promise<void>): Promise<void>;
  /** Waits for one of the places at the wire. */
  transfer<T>(action: () => Promise<T>): Promise<T>;
}

/** At most `limit` transfers are under way at once, however the work that asks for them is nested. */
export function createCrew(limit: number, caller: AbortSignal | undefined): Crew {
  const stop = new AbortController();
  const signal = caller === undefined ? stop.signal : AbortSignal.any([caller, stop.signal]);
  const waiting: (() => void)[] = [];
  let free = Math.max(1, limit);

  return {
    signal,
    async each(items, action) {
      const queue = items[Symbol.iterator]();
      // As many workers as there are places: one that waits for a place holds an item, and no more are started.
      const work = async (): Promise<void> => {
        for (let next = queue.next(); next.done !== true && !signal.aborted; next = queue.next()) {
          try {
            await action(next.value);
          } catch (error) {
            stop.abort(error);
          }
        }
      };
      await Promise.all(Array.from({ length: Math.max(1, limit) }, work));
      // The first failure, here or elsewhere, is the cause; the others were mostly ended by it.
      if (stop.signal.aborted) throw stop.signal.reason;
      throwIfAborted(caller);
    },
    async transfer(action) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        throwIfAborted(signal);
        return await action();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      }
    },
  };
}
