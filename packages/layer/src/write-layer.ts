// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, MediaType, parseDigest } from '@lading/image-spec';
import type { Compression } from './compression.ts';
import { readTree } from './read-tree.ts';
import { encodeHeader, endOfArchive, paddingAfter } from './tar-encode.ts';
import { shown } from './tar-header.ts';

export interface WriteLayerOptions {
  /** Default `gzip`. */
  readonly compression?: Compression;
  /** Later times are cut to this one, as SOURCE_DATE_EPOCH wants it. Default: none are cut. */
  readonly mtime?: Date;
  readonly signal?: AbortSignal;
}

/** A layer in a file. */
export interface WrittenLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly diffSize: number;
  readonly path: string;
}

const mediaTypes: Readonly<Record<Compression, string>> = {
  none: MediaType.Layer,
  gzip: MediaType.LayerGzip,
  zstd: MediaType.LayerZstd,
};

/**
 * The tar of a folder, without the folder itself: names sorted by bytes, canonical headers, the same bytes for the
 * same tree wherever it is made.
 *
 * @throws LadingError `aborted` when a file changes its size while it is read
 */
export async function* packFolder(
  directory: string,
  options: Pick<WriteLayerOptions, 'mtime' | 'signal'> = {},
): AsyncGenerator<Uint8Array> {
  const latest =
    options.mtime === undefined ? Number.POSITIVE_INFINITY : Math.floor(options.mtime.getTime() / 1000);
  for await (const entry of readTree(directory, latest)) {
    options.signal?.throwIfAborted();
    yield encodeHeader(entry);
    if (entry.size === 0) continue;
    let size = 0;
    for await (const chunk of createReadStream(entry.path, {
      end: entry.size - 1,
      highWaterMark: 256 << 10,
    })) {
      size += chunk.length;
      yield chunk;
    }
    if (size !== entry.size) {
      throw new LadingError(
        Code.Aborted,
        `${shown(entry.name)} shrank while it was read; try again when nothing writes to it`,
      );
    }
    yield paddingAfter(entry.size);
  }
  yield endOfArchive;
}

/**
 * Makes a layer of a folder and writes it to a file, which must not exist. A failure leaves no file.
 *
 * @throws LadingError `already_exists` when the file is there
 */
export async function writeLayer(
  directory: string,
  file: string,
  options: WriteLayerOptions = {},
): Promise<WrittenLayer> {
  const compression = options.compression ?? 'gzip';
  const plain = createHash('sha256');
  const compressed = createHash('sha256');
  let diffSize = 0;
  let size = 0;
  const target = await open(file, 'wx', 0o644).catch((error: unknown) => {
    throw LadingError.from(error);
  });
  try {
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of packFolder(directory, options)) {
        plain.update(chunk);
        diffSize += chunk.length;
        yield chunk;
      }
    }
    for await (const chunk of compress(counted(), compression)) {
      compressed.update(chunk);
      size += chunk.length;
      await target.writeFile(chunk);
    }
    await target.close();
  } catch (error) {
    await target.close();
    await rm(file, { force: true });
    throw LadingError.from(error);
  }
  const digest = parseDigest(`sha256:${compressed.digest('hex')}`);
  return {
    descriptor: { mediaType: mediaTypes[compression], digest, size },
    diffId: parseDigest(`sha256:${plain.digest('hex')}`),
    diffSize,
    path: file,
  };
}

/** Node's gzip header holds no time and no name, so the bytes depend on the input alone. */
function createCompressor(compression: Exclude<Compression, 'none'>): Transform {
  if (compression === 'zstd') return createZstdCompress({ chunkSize: 256 << 10 });
  return createGzip({ level: constants.Z_DEFAULT_COMPRESSION, chunkSize: 256 << 10 });
}

async function* compress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  if (compression === 'none') {
    yield* source;
    return;
  }
  const stream = createCompressor(compression);
  const feeding = (async () => {
    for await (const chunk of source) if (!stream.write(chunk)) await once(stream, 'drain');
    stream.end();
  })().catch((error: unknown) => {
    stream.destroy(LadingError.from(error));
  });
  try {
    yield* stream;
  } finally {
    stream.destroy();
    await feeding;
  }
}
