// SPDX-License-Identifier: Apache-2.0
import { ftruncateSync, writeSync } from 'node:fs';
import type { SparseMap } from './tar-sparse.ts';

/** Writes all of it, at a position or where the last write ended. */
export function writeAll(fd: number, content: Buffer, position: number | null = null): void {
  for (let at = 0; at < content.length; ) {
    at += writeSync(fd, content, at, content.length - at, position === null ? null : position + at);
  }
}

/** Puts content, as it comes, into the pieces of a sparse file, and leaves the holes between them. */
export function sparseWriter(fd: number, { sizeBytes, pieces }: SparseMap): (content: Buffer) => void {
  ftruncateSync(fd, sizeBytes);
  let piece = 0;
  let written = 0; // of that piece
  return (content) => {
    for (let at = 0; at < content.length; ) {
      const [offset = 0, length = 0] = [pieces[piece], pieces[piece + 1]];
      const part = content.subarray(at, at + length - written);
      writeAll(fd, part, offset + written);
      at += part.length;
      written += part.length;
      if (written < length) continue;
      piece += 2;
      written = 0;
    }
  };
}
