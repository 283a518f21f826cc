// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Compression, createDecompressor, detectCompression, magicLength } from './compression.ts';
import { takesMore } from './takes-more.ts';
import { zstdFrames } from './zstd-frames.ts';

/** An uncompressed stream and how it was compressed, which is known once its first chunk is there. */
export interface Decompressed {
  readonly chunks: AsyncIterable<Uint8Array>;
  compression(): Compression;
}

/**
 * Decompresses by content. The source is always read to its end, also when the compressed stream ends before,
 * so that whoever hashes it on the way sees all of it.
 *
 * @throws LadingError `data_loss` from the iteration when the compressed stream is broken or cut
 */
export function decompress(source: AsyncIterable<Uint8Array>): Decompressed {
  let compression: Compression = 'none';
  async function* read(): AsyncGenerator<Uint8Array> {
    const chunks = source[Symbol.asyncIterator]();
    try {
      const start = await readStart(chunks);
      compression = detectCompression(start);
      if (compression === 'none') {
        yield start;
        for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
      } else if (compression === 'gzip') yield* through(startingWith(start, chunks), compression);
      else yield* through(zstdFrames(startingWith(start, chunks)), compression);
    } finally {
      await chunks.return?.();
    }
  }
  return { chunks: read(), compression: () => compression };
}

async function readStart(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let start: Uint8Array = new Uint8Array();
  while (start.length < magicLength) {
    const next = await chunks.next();
    if (next.done) break;
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
  }
  return start;
}

async function* startingWith(
  start: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield start;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
}

async function* through(
  chunks: AsyncIterable<Uint8Array>,
  compression: Exclude<Compression, 'none'>,
): AsyncGenerator<Uint8Array> {
  const stream = createDecompressor(compression);
  let ended = false;
  stream.once('close', () => {
    ended = true;
  });
  const feed = async (): Promise<void> => {
    for await (const chunk of chunks) {
      // A stream that has met its end takes no more; what follows it is read and dropped.
      if (!ended && !stream.write(chunk)) await takesMore(stream);
    }
    if (!ended) stream.end();
  };
  let broken: unknown;
  const feeding = feed().catch((error: unknown) => {
    broken = error;
    stream.destroy();
  });
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    throw (
      broken ??
      new LadingError(
        Code.DataLoss,
        `the ${compression} stream is broken: ${LadingError.from(error).message}`,
        { cause: error },
      )
    );
  } finally {
    ended = true;
    stream.destroy();
  }
  await feeding;
  if (broken !== undefined) throw broken;
}
