// SPDX-License-Identifier: Apache-2.0
import type { ContentSource } from './image-store.ts';

type Read = () => Promise<IteratorResult<Uint8Array>>;

/** What happens around a body that passes through. */
export interface BodyObserver {
  /** Called for each read, in place of it. Default: the read itself. */
  readonly around?: (read: Read) => Promise<IteratorResult<Uint8Array>>;
  /** Called once, whatever ends the body. */
  readonly end?: () => void;
}

/**
 * Passes a body through. Unlike an async generator it notices that it is left before the first read, when
 * there is a connection to let go of all the same.
 */
export function observeBody(
  body: AsyncIterable<Uint8Array>,
  { around = (read) => read(), end }: BodyObserver,
): AsyncIterableIterator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  let ended = false;
  const finish = (): void => {
    if (!ended) end?.();
    ended = true;
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        const result = await around(() => iterator.next());
        if (result.done === true) finish();
        return result;
      } catch (error) {
        finish();
        throw error;
      }
    },
    async return() {
      try {
        await iterator.return?.();
      } finally {
        finish();
      }
      return { done: true, value: undefined };
    },
  };
}

/** Content that came through a generator, whose memory still goes back to where it is from. */
export function withRecycling<T extends AsyncIterable<Uint8Array>>(
  content: T,
  source: ContentSource,
): T & ContentSource {
  return source.recycle === undefined
    ? content
    : Object.assign(content, { recycle: (chunk: Uint8Array) => source.recycle?.(chunk) });
}
