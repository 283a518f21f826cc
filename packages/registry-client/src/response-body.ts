// SPDX-License-Identifier: Apache-2.0
import type { Dispatcher } from 'undici';

/** A body as it arrives: what is pushed on one side is read on the other, and the sender is paused meanwhile. */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  push(chunk: Uint8Array): void;
  /** The body is whole, or with an error, broken. */
  end(error?: Error): void;
  /** A reader is done with a chunk that it was given. */
  recycle(chunk: Uint8Array): void;
}

/**
 * Hands the chunks of one answer on. `release` is called for memory of which every chunk was recycled and no
 * later chunk can be: the parser cuts several chunks out of one read of the socket, one after the other.
 */
export function createResponseBody(
  controller: Dispatcher.DispatchController,
  release: (memory: ArrayBufferLike) => void,
): ResponseBody {
  const chunks: Uint8Array[] = [];
  /** How many chunks that lie in a memory have come and not been recycled. */
  const held = new WeakMap<ArrayBufferLike, number>();
  let newest: ArrayBufferLike | undefined;
  let outcome: { readonly error?: Error | undefined } | undefined;
  let wake: (() => void) | undefined;

  function hold({ buffer }: Uint8Array): void {
    held.set(buffer, (held.get(buffer) ?? 0) + 1);
    const previous = newest;
    newest = buffer;
    if (previous !== undefined && previous !== buffer) releaseIfDone(previous);
  }

  function releaseIfDone(memory: ArrayBufferLike): void {
    if (held.get(memory) !== 0 || (memory === newest && outcome === undefined)) return;
    held.delete(memory);
    release(memory);
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = chunks.shift();
        if (chunk !== undefined) {
          yield chunk;
        } else if (outcome !== undefined) {
          if (outcome.error !== undefined) throw outcome.error;
          return;
        } else {
          const arrival = new Promise<void>((resolve) => {
            wake = resolve;
          });
          controller.resume();
          await arrival;
        }
      }
    } finally {
      leave();
    }
  }

  function leave(): void {
    if (outcome === undefined) controller.abort(new Error('the reader left before the end of the body'));
  }

  return {
    push(chunk) {
      // The parser reports an empty piece each time that it goes on after a pause.
      if (chunk.length === 0) return;
      hold(chunk);
      chunks.push(chunk);
      controller.pause();
      wake?.();
    },
    end(error) {
      outcome = { error };
      wake?.();
    },
    recycle({ buffer }) {
      const left = (held.get(buffer) ?? 0) - 1;
      // Memory of another answer, or a chunk that was given back before.
      if (left < 0) return;
      held.set(buffer, left);
      releaseIfDone(buffer);
    },
    [Symbol.asyncIterator]() {
      const generator = read();
      return {
        next: () => generator.next(),
        // A generator that was not started does not run its `finally`, and a connection would stay.
        async return() {
          leave();
          return await generator.return(undefined);
        },
      };
    },
  };
}
