// SPDX-License-Identifier: Apache-2.0
import type { Dispatcher } from 'undici';

/** A body as it arrives: what is written on one side is read on the other, and the writer is paused meanwhile. */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  push(chunk: Uint8Array): void;
  /** The body is whole, or with an error, broken. */
  end(error?: Error): void;
  /** The reader is done with a chunk: its memory may be used again. */
  recycle(chunk: Uint8Array): void;
}

/**
 * Hands the chunks of one answer on. `release` gets the memory of recycled chunks, once no later chunk can lie
 * in it: the parser cuts several chunks out of one read of the socket.
 */
export function createResponseBody(
  controller: Dispatcher.DispatchController,
  release: (chunk: Uint8Array) => void,
): ResponseBody {
  const chunks: Uint8Array[] = [];
  let outcome: { readonly error?: Error | undefined } | undefined;
  let wake: (() => void) | undefined;
  let recycled: Uint8Array | undefined;

  function next(): Uint8Array | undefined {
    const chunk = chunks.shift();
    if (chunk === undefined || recycled === undefined || recycled.buffer === chunk.buffer) return chunk;
    release(recycled);
    recycled = undefined;
    return chunk;
  }

  return {
    push(chunk) {
      // The parser reports an empty piece each time that it goes on after a pause.
      if (chunk.length === 0) return;
      chunks.push(chunk);
      controller.pause();
      wake?.();
    },
    end(error) {
      outcome = { error };
      wake?.();
    },
    recycle(chunk) {
      recycled = chunk;
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const chunk = next();
          if (chunk !== undefined) {
            yield chunk;
          } else if (outcome !== undefined) {
            if (outcome.error !== undefined) throw outcome.error;
            if (recycled !== undefined) release(recycled);
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
        if (outcome === undefined) controller.abort(new Error('the reader left before the end of the body'));
      }
    },
  };
}
