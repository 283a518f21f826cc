// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { LadingError } from '@lading/errors';
import { type Descriptor, type Digest, MediaType, parseDigest } from '@lading/image-spec';
import type { Compression } from './compression.ts';
import { packFolder } from './pack-folder.ts';
import type { PackOptions } from './pack-options.ts';
import { takesMore } from './takes-more.ts';

export interface WriteLayerOptions extends PackOptions {
  /** Default `gzip`. */
  readonly compression?: Compression;
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
    for await (const chunk of source) {
      if (!stream.write(chunk)) await takesMore(stream);
      if (stream.destroyed) return; // nobody wants the rest
    }
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
