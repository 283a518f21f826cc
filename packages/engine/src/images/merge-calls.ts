// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

interface Merged<T, Event> {
  readonly result: Promise<T>;
  readonly listeners: Set<(event: Event) => void>;
  readonly control: AbortController;
  waiting: number;
}

export interface Waiter<Event> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: Event) => void) | undefined;
}

/**
 * Calls that ask for the same at the same time become one. Each hears of its progress from when it came; one
 * that aborts leaves alone, and the last one takes the work along.
 */
export function mergeCalls<T, Event>(): (
  key: string,
  waiter: Waiter<Event>,
  work: (shared: { readonly signal: AbortSignal; readonly onProgress: (event: Event) => void }) => Promise<T>,
) => Promise<T> {
  const running = new Map<string, Merged<T, Event>>();
  return async (key, { signal, onProgress }, work) => {
    if (signal?.aborted) throw canceled(signal);
    const merged = running.get(key) ?? begin(key);
    merged.waiting += 1;
    // One of its own for each waiter: two may have given the same function.
    const listener = (event: Event): void => onProgress?.(event);
    merged.listeners.add(listener);
    const left = Promise.withResolvers<never>();
    const leave = (): void => {
      merged.waiting -= 1;
      // The last one waits until the work has undone what it began.
      if (merged.waiting > 0) left.reject(canceled(signal));
      else {
        // Not joined any more by those who come now.
        if (running.get(key) === merged) running.delete(key);
        merged.control.abort(signal?.reason);
      }
    };
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([merged.result, left.promise]);
    } finally {
      signal?.removeEventListener('abort', leave);
      merged.listeners.delete(listener);
    }

    function begin(name: string): Merged<T, Event> {
      const listeners = new Set<(event: Event) => void>();
      const control = new AbortController();
      const tell = (event: Event): void => {
        for (const listen of listeners) listen(event);
      };
      // In a later turn, when whoever asked is among the listeners.
      const result = Promise.resolve().then(() => work({ signal: control.signal, onProgress: tell }));
      const fresh: Merged<T, Event> = { result, listeners, control, waiting: 0 };
      running.set(name, fresh);
      const done = (): void => {
        if (running.get(name) === fresh) running.delete(name);
      };
      result.then(done, done);
      return fresh;
    }
  };
}

function canceled(signal: AbortSignal | undefined): LadingError {
  return LadingError.from(signal?.reason, Code.Canceled);
}
