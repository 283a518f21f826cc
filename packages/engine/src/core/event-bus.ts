// SPDX-License-Identifier: Apache-2.0
import type { EventLog } from '../events/event-log.ts';
import type { EngineEvent, EventOptions } from '../types/events.ts';

export interface EventBus {
  emit(event: Omit<EngineEvent, 'time'>): void;
  listen(options?: EventOptions): AsyncGenerator<EngineEvent, void, void>;
  close(): void;
}

/** A listener that does not read loses the oldest events beyond this many. */
const queueLimit = 10_000;

export function createEventBus(now: () => Date, log: Pick<EventLog, 'append'>): EventBus {
  const listeners = new Set<(event: EngineEvent | undefined) => void>();
  let closed = false;
  return {
    emit(event) {
      const timed: EngineEvent = { time: now().toISOString(), ...event };
      log.append(timed);
      for (const listener of listeners) listener(timed);
    },
    listen({ signal, onDrop } = {}) {
      // Registered here, not at the first next(): events between the two calls count.
      const queue: EngineEvent[] = [];
      let ended = closed || signal?.aborted === true;
      let wake: (() => void) | undefined;
      const listener = (event: EngineEvent | undefined): void => {
        if (event === undefined) ended = true;
        else if (queue.push(event) > queueLimit) {
          const oldest = queue.shift();
          if (oldest !== undefined) onDrop?.(oldest);
        }
        wake?.();
      };
      const abort = (): void => listener(undefined);
      listeners.add(listener);
      signal?.addEventListener('abort', abort, { once: true });
      return (async function* () {
        try {
          for (;;) {
            const event = queue.shift();
            if (event !== undefined) yield event;
            else if (ended) return;
            else {
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
            }
          }
        } finally {
          listeners.delete(listener);
          signal?.removeEventListener('abort', abort);
        }
      })();
    },
    close() {
      closed = true;
      for (const listener of listeners) listener(undefined);
    },
  };
}
