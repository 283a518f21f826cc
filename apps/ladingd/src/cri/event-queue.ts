// SPDX-License-Identifier: Apache-2.0

/** Items for one reader, who takes them when it likes. */
export interface EventQueue<T> extends AsyncIterable<T> {
  push(item: T): void;
}

export interface EventQueueOptions<T> {
  /** Of items that wait; the oldest is dropped for one more. */
  readonly limit: number;
  /** Called with each item that is dropped. */
  readonly onDrop: (item: T) => void;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  /** What waits already. */
  readonly first: readonly T[];
}

/** A queue that never grows beyond its limit, however slow its reader is. */
export function createEventQueue<T>(options: EventQueueOptions<T>): EventQueue<T> {
  const { limit, onDrop, signal } = options;
  const waiting = [...options.first];
  let wake = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => wake.resolve(), { once: true });
  return {
    push(item) {
      waiting.push(item);
      if (waiting.length > limit) {
        const oldest = waiting.shift();
        if (oldest !== undefined) onDrop(oldest);
      }
      wake.resolve();
    },
    async *[Symbol.asyncIterator]() {
      while (!signal.aborted) {
        const item = waiting.shift();
        if (item !== undefined) {
          yield item;
          continue;
        }
        wake = Promise.withResolvers();
        await wake.promise;
      }
    },
  };
}
