// SPDX-License-Identifier: Apache-2.0

/** Input is folded in blocks of this size. */
export const foldBytes = 256;
const foldWords = foldBytes / 4;

/** Shortens input to one block that has the same remainder. */
export interface Folder {
  /** Takes whole blocks, the first two words combined with a register. The result is in `rest`. */
  fold(blocks: DataView, low: number, high: number): void;
  readonly rest: DataView;
}

/**
 * Squaring x^64 = x^4 + x^3 + x + 1 five times gives x^2048 = x^128 + x^96 + x^32 + 1, in which all powers are
 * multiples of 32. So a block of 2048 bits is moved on by the length of a block without a shift of bits: it is the
 * block itself, and the block by 1, 3 and 4 words further up. That is half the work of going on by 64 bits at a time.
 *
 * The first word has the highest powers. What goes out above it, four words, comes in again as the last four.
 */
export function createFolder(): Folder {
  const block = new Int32Array(foldWords + 4); // the last four stay 0
  const word = (i: number): number => block[i] ?? 0;
  return {
    fold(blocks, low, high) {
      for (let i = 0; i < foldWords; i++) block[i] = blocks.getInt32(4 * i, true);
      block[0] = word(0) ^ low;
      block[1] = word(1) ^ high;
      for (let at = foldBytes; at < blocks.byteLength; at += foldBytes) {
        let a = word(0);
        let b = word(1);
        let c = word(2);
        let d = word(3);
        block[60] = word(60) ^ a;
        block[61] = word(61) ^ a ^ b;
        block[62] = word(62) ^ b ^ c;
        block[63] = word(63) ^ a ^ c ^ d;
        for (let i = 0; i < foldWords; i++) {
          const e = block[i + 4] ?? 0;
          block[i] = blocks.getInt32(at + 4 * i, true) ^ a ^ b ^ d ^ e;
          a = b;
          b = c;
          c = d;
          d = e;
        }
      }
    },
    // Numbers lie in memory with their lowest byte first, on both machines that are supported.
    rest: new DataView(block.buffer, 0, foldBytes),
  };
}
