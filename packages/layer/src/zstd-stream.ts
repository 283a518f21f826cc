// SPDX-License-Identifier: Apache-2.0
import { constants, createZstdCompress } from 'node:zlib';
import { LadingError } from '@lading/errors';
import { createBufferPool } from './buffer-pool.ts';
import { inBlocks } from './in-blocks.ts';
import type { LayerSource } from './layer-source.ts';
import { takesMore } from './takes-more.ts';

const blockBytes = 1 << 20;

/** Zstandard in one frame. The bytes depend on the input, the level and the version of the library in Node. */
export async function* zstdStream(source: LayerSource, level: number): AsyncGenerator<Uint8Array> {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  const stream = createZstdCompress({ chunkSize: blockBytes, params });
  const blocks = createBufferPool(blockBytes);
  const done = (block: Uint8Array): void => {
    if (!blocks.give(block)) source.recycle?.(block);
  };
  const feeding = (async () => {
    // Blocks of one size, since where a frame is cut into blocks depends on how the bytes come in.
    for await (const block of inBlocks(source, blocks, blockBytes)) {
      if (!stream.write(block, () => done(block))) await takesMore(stream);
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
