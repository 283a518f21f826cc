// SPDX-License-Identifier: Apache-2.0

/** A source that can be given up while it is waited for. */
export interface Haltable {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Fails the wait for the next chunk, and every later one, with this error. Any number of times. */
  halt(error: unknown): void;
}

/**
 * Leaving a `for await` loop waits for the source's pending answer, which for a server that has fallen silent may
 * never come. Through this, leaving does not wait. The source is told to end in every case.
 */
export function haltable(source: AsyncIterable<Uint8Array>): Haltable {
  let halted: { readonly error: unknown } | undefined;
  let giveUp: ((error: unknown) => void) | undefined;
  async function* read(): AsyncGenerator<Uint8Array> {
    const chunks = source[Symbol.asyncIterator]();
    let isOver = false;
    try {
      for (;;) {
        if (halted) throw halted.error;
        // Not Promise.race with one lasting promise: that would hold on to every chunk until the end.
        const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
          giveUp = reject;
          chunks.next().then(resolve, (error: unknown) => {
            isOver = true;
            reject(error);
          });
        });
        if (next.done) {
          isOver = true;
          return;
        }
        yield next.value;
      }
    } finally {
      if (!isOver) {
        const ended = chunks.return?.();
        // After a halt nobody is left to hear how the source ended.
        if (halted) ended?.catch(() => undefined);
        else await ended;
      }
    }
  }
  return {
    chunks: read(),
    halt(error) {
      halted ??= { error };
      giveUp?.(halted.error);
    },
  };
}
