// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { canceled, throwIfCanceled } from './abort.ts';

export interface StartTurns {
  /**
   * Runs `task` when its turn comes, first come, first served. The turn ends when `task` says that it has started, or
   * with the task.
   *
   * @throws Canceled, or DeadlineExceeded when the signal is a time limit, of one that still waits
   */
  take<T>(key: string, task: (started: () => void) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** More would only take the processors from each other, and from this process. */
const processors = availableParallelism();

interface Queue {
  taken: number;
  /** In the order in which they came. */
  readonly waiting: Set<() => void>;
}

/**
 * Limits how many processes are being started at a time for each key. A start takes this process some milliseconds, on a busy
 * machine fifty, in which it does nothing else: hundreds of callers at once would leave no moment for anyone else.
 */
export function createStartTurns(atOnce: number = processors): StartTurns {
  const queues = new Map<string, Queue>();

  async function enter(key: string, signal: AbortSignal | undefined): Promise<void> {
    const queue = queues.get(key) ?? { taken: 0, waiting: new Set() };
    queues.set(key, queue);
    if (queue.taken < atOnce) {
      queue.taken += 1;
      return;
    }
    const turn = Promise.withResolvers<void>();
    const giveUp = (): void => {
      if (queue.waiting.delete(turn.resolve) && signal) turn.reject(canceled(signal));
    };
    queue.waiting.add(turn.resolve);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await turn.promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  function leave(key: string): void {
    const queue = queues.get(key);
    if (queue === undefined) return;
    const [next] = queue.waiting;
    if (next !== undefined) {
      queue.waiting.delete(next);
      next(); // has our turn
      return;
    }
    queue.taken -= 1;
    if (queue.taken === 0) queues.delete(key);
  }

  return {
    async take(key, task, signal) {
      throwIfCanceled(signal);
      await enter(key, signal);
      let isOver = false;
      const end = (): void => {
        if (!isOver) leave(key);
        isOver = true;
      };
      try {
        // One start after another, each due to a timer, would keep the event loop from all else.
        await new Promise((resolve) => setImmediate(resolve));
        return await task(end);
      } finally {
        end();
      }
    },
  };
}
