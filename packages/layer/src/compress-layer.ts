// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, MediaType, parseDigest } from '@lading/image-spec';
import { type GzipOptions, gzipParallel } from './gzip-parallel.ts';
import type { LayerSource } from './layer-source.ts';
import { untilAborted } from './until-aborted.ts';
import { zstdChunked } from './zstd-chunked/zstd-chunked.ts';
import { zstdStream } from './zstd-stream.ts';

/**
 * What layers can be written in; more can be read. `zstd:chunked` is zstd whose files can be fetched one by one, by
 * the annotations of its descriptor.
 */
export type WritableCompression = 'none' | 'gzip' | 'zstd' | 'zstd:chunked';

export interface CompressOptions {
  /** Default `gzip`. */
  readonly compression?: WritableCompression | undefined;
  /**
   * 1 (fast) to 9 for gzip, to 22 for both kinds of zstd. Default 3 for gzip, two thirds of the time of 6 or less for
   * 3 % more bytes; 3 for zstd. Gzip's levels 1 to 3 give the same bytes on any version of Node.
   */
  readonly level?: number | undefined;
  /**
   * How many blocks of 1 MiB are compressed with gzip at once; it does not change the bytes. Default: the number of
   * cores, but no more than 4. From level 4 on, with a larger UV_THREADPOOL_SIZE, a larger number pays.
   */
  readonly concurrency?: number | undefined;
  /** About how many bytes the tar has, where that is known: for many the threads are started ahead. */
  readonly expectedBytes?: number | undefined;
  /** Digest of the tar, for one that verifies itself while it is read. Default: it is computed. */
  readonly diffId?: Digest | undefined;
  /** Ends it at once, also while the tar gives nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** A layer while it is compressed. */
export interface CompressedLayer {
  /** The bytes of the layer, to be read once. Chunks may be given back; see {@link LayerSource}. */
  readonly chunks: AsyncGenerator<Uint8Array> & LayerSource;
  /** @throws LadingError `failed_precondition` before the chunks have been read to the end */
  result(): LayerResult;
}

/** What an image's manifest (descriptor) and configuration (diffID) say of a layer. */
export interface LayerResult {
  /** Media type, digest and size of the compressed bytes; for zstd:chunked the annotations that say where its table is. */
  readonly descriptor: Descriptor;
  /** Digest of the tar. */
  readonly diffId: Digest;
  readonly diffSize: number;
}

const kinds: Readonly<
  Record<
    WritableCompression,
    { readonly mediaType: string; readonly level: number; readonly highest: number }
  >
> = {
  none: { mediaType: MediaType.Layer, level: 0, highest: 0 },
  gzip: { mediaType: MediaType.LayerGzip, level: 3, highest: 9 },
  zstd: { mediaType: MediaType.LayerZstd, level: 3, highest: 22 },
  'zstd:chunked': { mediaType: MediaType.LayerZstd, level: 3, highest: 22 },
};

/**
 * Compresses a tar, and learns of it in the same pass what an image has to say of the layer. The same tar gives the
 * same bytes on any number of cores. Gzip runs on other threads, and holds a few MiB.
 *
 * @throws LadingError `invalid_argument` for a level that the compression does not have. The chunks throw what the tar
 * throws, and `canceled`
 */
export function compressLayer(tar: LayerSource, options: CompressOptions = {}): CompressedLayer {
  const { compression = 'gzip', concurrency, expectedBytes, signal } = options;
  const { mediaType, level: usual, highest } = kinds[compression];
  const level = options.level ?? usual;
  const isLevel = Number.isInteger(level) && level >= Math.min(1, highest) && level <= highest;
  if (!isLevel) {
    throw new LadingError(
      Code.InvalidArgument,
      highest === 0
        ? 'without a compression there is no level'
        : `the levels of ${compression} are 1 to ${highest}`,
    );
  }
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency > 0)) {
    throw new LadingError(Code.InvalidArgument, 'the option concurrency must be a whole number, 1 or more');
  }
  let result: LayerResult | undefined;

  const plain = options.diffId === undefined ? createHash('sha256') : undefined;
  let diffSize = 0;
  let annotations: Descriptor['annotations'];
  async function* counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      plain?.update(chunk);
      diffSize += chunk.length;
      yield chunk;
    }
  }
  const tarBytes: LayerSource = Object.assign(counted(untilAborted(tar, signal)), {
    recycle: (chunk: Uint8Array) => tar.recycle?.(chunk),
  });
  const packed = compress(tarBytes, compression, { level, concurrency, expectedBytes }, (found) => {
    annotations = found;
  });

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const compressed = createHash('sha256');
    let size = 0;
    try {
      for await (const chunk of packed) {
        compressed.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw LadingError.from(error);
    }
    const digest = parseDigest(`sha256:${compressed.digest('hex')}`);
    const diffId = options.diffId ?? parseDigest(`sha256:${plain?.digest('hex')}`);
    const descriptor = { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) };
    result = { descriptor, diffId, diffSize };
  }

  return {
    chunks: Object.assign(chunks(), { recycle: (chunk: Uint8Array) => packed.recycle?.(chunk) }),
    result() {
      if (result !== undefined) return result;
      throw new LadingError(
        Code.FailedPrecondition,
        'nothing is known of the layer yet; read its chunks to the end first',
      );
    },
  };
}

function compress(
  tar: LayerSource,
  compression: WritableCompression,
  gzip: GzipOptions,
  onAnnotations: (annotations: Readonly<Record<string, string>>) => void,
): LayerSource {
  if (compression === 'gzip') return gzipParallel(tar, gzip);
  const { level, concurrency } = gzip;
  if (compression === 'zstd:chunked') return zstdChunked(tar, { level, concurrency, onAnnotations });
  return compression === 'zstd' ? zstdStream(tar, level) : tar;
}
