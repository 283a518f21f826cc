// SPDX-License-Identifier: Apache-2.0

/** What the two bytes of a length can say. */
const longestBytes = 0xffff;

/**
 * Bytes as deflate has them where they are not compressed, none of the blocks the last one. Only for a place where a
 * byte begins. @see RFC 1951, 3.2.4
 */
export function storedBlocks(bytes: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += longestBytes) {
    const piece = bytes.subarray(at, at + longestBytes);
    const header = Buffer.alloc(5);
    header.writeUInt16LE(piece.length, 1);
    header.writeUInt16LE(~piece.length & 0xffff, 3);
    pieces.push(header, piece);
  }
  return pieces;
}
