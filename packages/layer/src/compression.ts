// SPDX-License-Identifier: Apache-2.0
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';

export type Compression = 'none' | 'gzip' | 'zstd';

/** First bytes that tell. What is refused is at least named. */
const magics: readonly (readonly [Compression | 'bzip2' | 'xz', readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

const skippable = [0x2a, 0x4d, 0x18];

/** How many bytes {@link detectCompression} wants to see. */
export const magicLength = 6;

/** Tells by the content, never by a name or media type. @throws LadingError `unimplemented` for bzip2 and xz */
export function detectCompression(start: Uint8Array): Compression {
  const found = magics.find(([, magic]) => magic.every((byte, i) => start[i] === byte))?.[0] ?? 'none';
  // A zstd stream may begin with a skippable frame, whose first byte counts its kinds.
  if (((start[0] ?? 0) & 0xf0) === 0x50 && skippable.every((byte, i) => start[i + 1] === byte)) return 'zstd';
  if (found === 'bzip2' || found === 'xz') {
    throw new LadingError(
      Code.Unimplemented,
      `layers compressed with ${found} are not supported yet; use gzip or zstd`,
    );
  }
  return found;
}

/** Large pieces: each one costs a turn of the event loop. */
const chunkSize = 512 << 10;

export function createDecompressor(compression: Exclude<Compression, 'none'>): Transform {
  return compression === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
}
