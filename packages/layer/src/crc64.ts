// SPDX-License-Identifier: Apache-2.0
import { createFolder, foldBytes } from './crc64-fold.ts';

/**
 * A running CRC-64/ISO as Go's hash/crc64 has it: polynomial x^64 + x^4 + x^3 + x + 1, bits reflected, all ones at the
 * start and inverted at the end.
 *
 * The polynomial has so few terms that no table is needed. A register of 64 bits, moved on by 64 bits, is the register
 * times x^64, and x^64 is x^4 + x^3 + x + 1: three shifts. What they push out is of degree 64 to 67 and is folded in
 * again in the same way. The register is kept as two halves of 32 bits, because bigint is a hundred times slower;
 * in reflected order the lowest bit is the highest power, so that times x is a shift to the right. Long input is
 * shortened first.
 */
export class Crc64 {
  #high = -1;
  #low = -1;

  update(bytes: Uint8Array): void {
    const folded = bytes.length < 2 * foldBytes ? 0 : this.#fold(bytes);
    this.#step(new DataView(bytes.buffer, bytes.byteOffset + folded, bytes.length - folded));
  }

  /** Takes whole blocks in; gives the number of their bytes. */
  #fold(bytes: Uint8Array): number {
    const size = bytes.length - (bytes.length % foldBytes);
    folder.fold(new DataView(bytes.buffer, bytes.byteOffset, size), this.#low, this.#high);
    this.#high = 0;
    this.#low = 0;
    this.#step(folder.rest);
    return size;
  }

  #step(view: DataView): void {
    const size = view.byteLength;
    const words = size & ~7;
    let h = this.#high;
    let l = this.#low;
    let at = 0;
    for (; at < words; at += 8) {
      l ^= view.getInt32(at, true);
      h ^= view.getInt32(at + 4, true);
      const out = (l << 31) ^ (l << 29) ^ (l << 28);
      l ^= ((l >>> 1) | (h << 31)) ^ ((l >>> 3) | (h << 29)) ^ ((l >>> 4) | (h << 28));
      h ^= (h >>> 1) ^ (h >>> 3) ^ (h >>> 4) ^ out ^ (out >>> 1) ^ (out >>> 3) ^ (out >>> 4);
    }
    for (; at < size; at++) {
      const out = (l ^ view.getUint8(at)) << 24;
      l = (l >>> 8) | (h << 24);
      h = (h >>> 8) ^ out ^ (out >>> 1) ^ (out >>> 3) ^ (out >>> 4);
    }
    this.#high = h;
    this.#low = l;
  }

  /** The eight bytes, most significant first. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(~this.#high, 0);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes;
  }
}

/** One for all: it is only used within a call. */
const folder = createFolder();
