// SPDX-License-Identifier: Apache-2.0
import { constants, createZstdCompress } from 'node:zlib';
import { LadingError } from '@lading/errors';
import { inBlocks } from './in-blocks.ts';
import { takesMore } from './takes-more.ts';

const blockBytes = 1 << 20;

/** Zstandard in one frame. The bytes depend on the input, the level and the version of the library in Node. */
export async function* zstdStream(
  source: AsyncIterable<Uint8Array>,
  level: number,
): AsyncGenerator<Uint8Array> {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  const stream = createZstdCompress({ chunkSize: blockBytes, params });
  const feeding = (async () => {
    // Blocks of one size, since where a frame is cut into blocks depends on how the bytes come in.
    for await (const chunk of inBlocks(source, blockBytes)) {
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
