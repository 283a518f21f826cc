// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Compression, createDecompressor, detectCompression, magicLength } from './compression.ts';
import type { LayerSource } from './layer-source.ts';
import { takesMore } from './takes-more.ts';
import { zstdFrames } from './zstd-frames.ts';

/** An uncompressed stream and how it was compressed, which is known once its first chunk is there. */
export interface Decompressed {
  readonly chunks: AsyncIterable<Uint8Array>;
  compression(): Compression;
  /** Frees the memory of a chunk, or gives it back to the source. No earlier chunk may be in use any more. */
  release(chunk: Uint8Array): void;
}

/**
 * Decompresses by content. The source is always read to its end, also when the compressed stream ends before,
 * so that whoever hashes it on the way sees all of it.
 *
 * @throws LadingError `data_loss` from the iteration when the compressed stream is broken or cut
 */
export function decompress(source: LayerSource): Decompressed {
  let compression: Compression = 'none';
  const recycle = (chunk: Uint8Array): void => source.recycle?.(chunk);
  async function* read(): AsyncGenerator<Uint8Array> {
    const chunks = source[Symbol.asyncIterator]();
    try {
      const start = await readStart(chunks);
      compression = detectCompression(start);
      if (compression === 'none') {
        yield start;
        for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
      } else if (compression === 'gzip') yield* through(startingWith(start, chunks), compression, recycle);
      else if (compression === 'bzip2')
        yield* (await import('./bunzip2.ts')).bunzip2(startingWith(start, chunks));
      else if (compression === 'xz') yield* (await import('./unxz.ts')).unxz(startingWith(start, chunks));
      // What the cutting of frames gives are parts of chunks, which cannot be given back one by one.
      else yield* through(zstdFrames(startingWith(start, chunks)), compression, undefined);
    } finally {
      await chunks.return?.();
    }
  }
  return {
    chunks: read(),
    compression: () => compression,
    release: (chunk) => (compression === 'none' ? recycle(chunk) : freeOutput(chunk)),
  };
}

/**
 * Frees a buffer of a decompressor at once, when the chunk reaches up to its end and no more will be written to it.
 * Left to the garbage collector, the buffers of 300 MB of content start a collection for every ten of them, which takes
 * a fifth of the processor time of a pull.
 */
function freeOutput({ buffer, byteOffset, byteLength }: Uint8Array): void {
  if (byteOffset + byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
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
  compression: 'gzip' | 'zstd',
  recycle: ((chunk: Uint8Array) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  const stream = createDecompressor(compression);
  let ended = false;
  stream.once('close', () => {
    ended = true;
  });
  const feed = async (): Promise<void> => {
    for await (const chunk of chunks) {
      // A stream that has met its end takes no more; what follows it is read and dropped.
      if (!ended && !stream.write(chunk, () => recycle?.(chunk))) await takesMore(stream);
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
