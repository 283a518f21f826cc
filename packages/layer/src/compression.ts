// SPDX-License-Identifier: Apache-2.0
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** How a layer is compressed. All of them are read. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

/** First bytes that tell. */
const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

const skippable = [0x2a, 0x4d, 0x18];

/** How many bytes {@link detectCompression} wants to see. */
export const magicLength = 6;

/** Tells by the content, never by a name or media type. */
export function detectCompression(start: Uint8Array): Compression {
  const found = magics.find(([, magic]) => magic.every((byte, i) => start[i] === byte))?.[0] ?? 'none';
  // A zstd stream may begin with a skippable frame, whose first byte counts its kinds.
  if (((start[0] ?? 0) & 0xf0) === 0x50 && skippable.every((byte, i) => start[i + 1] === byte)) return 'zstd';
  return found;
}

/** Large pieces: each one costs a turn of the event loop. */
const chunkSize = 512 << 10;

/** The decompressors of Node itself. */
export function createDecompressor(compression: 'gzip' | 'zstd'): Transform {
  return compression === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
}
