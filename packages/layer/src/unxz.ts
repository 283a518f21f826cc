// SPDX-License-Identifier: Apache-2.0
import { ReadableStream } from 'node:stream/web';
import { Code, LadingError } from '@lading/errors';
import { brokenXz, createXzWalk } from './xz-streams.ts';

/** What the decompressor says of streams that it could read if it were made for them. */
const unsupported = /error code [346]$/;

/**
 * Decompresses xz, of one stream or several, with dictionaries of up to 64 MiB.
 *
 * @throws LadingError from the iteration: `data_loss`; `unimplemented` for filters other than LZMA2, for SHA-256 as
 * check and for larger dictionaries
 */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { XzReadableStream } = (await import('xz-decompress')).default;
  const input = source[Symbol.asyncIterator]();
  const walk = createXzWalk();
  let chunk: Uint8Array = new Uint8Array();
  let at = 0;
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;

  /** Makes sure that there are bytes; false when there are no more. */
  const fill = async (): Promise<boolean> => {
    while (at === chunk.length && !isOver) {
      const next = await input.next();
      if (next.done) isOver = true;
      else {
        chunk = next.value;
        at = 0;
      }
    }
    return at < chunk.length;
  };
  async function* oneStream(begin: Uint8Array): AsyncGenerator<Uint8Array> {
    try {
      yield begin;
      while (!walk.isBetween() && (await fill())) {
        const from = at;
        while (at < chunk.length && !walk.isBetween()) at += walk.take(chunk, at);
        yield chunk.subarray(from, at);
      }
      if (!walk.isBetween()) throw brokenXz('it is cut');
    } catch (error) {
      failure = { error };
      throw error;
    }
  }

  while (await fill()) {
    const from = at;
    at += walk.take(chunk, at);
    if (walk.isBetween()) continue; // a zero between streams
    try {
      yield* new XzReadableStream(ReadableStream.from(oneStream(chunk.slice(from, at))));
    } catch (error) {
      if (failure !== undefined) throw failure.error;
      if (error instanceof Error && unsupported.test(error.message)) {
        throw new LadingError(
          Code.Unimplemented,
          'the xz stream uses a filter, a check or a dictionary that is not supported; compress it with `xz -6` or as gzip',
          { cause: error },
        );
      }
      throw brokenXz('its content is damaged', error);
    }
  }
}
