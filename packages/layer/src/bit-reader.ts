// SPDX-License-Identifier: Apache-2.0

/** Thrown when bits are asked for that have not come yet. */
export class OutOfBits extends Error {}

/** Bytes that come bit by bit, the highest first, and can be read anew from a place. */
export interface BitReader {
  /** Adds bytes at the end, and forgets those that were read. */
  add(chunks: readonly Uint8Array[]): void;
  /** Reads up to 32 bits; with null goes on to the next whole byte. @throws OutOfBits */
  readonly bits: (count: number | null) => number;
  leftBytes(): number;
  startsWith(text: string): boolean;
  place(): number;
  goBack(place: number): void;
}

export function createBitReader(): BitReader {
  let data = Buffer.alloc(0);
  let at = 0; // in bits

  return {
    add(chunks) {
      const read = at >>> 3;
      if (chunks.length === 0 && read === 0) return;
      data = Buffer.concat([data.subarray(read), ...chunks]);
      at -= read * 8;
    },
    bits(count) {
      if (count === null) {
        at = (at + 7) & ~7;
        return 0;
      }
      if (at + count > data.length * 8) throw new OutOfBits();
      let value = 0;
      for (let left = count; left > 0; ) {
        const rest = 8 - (at & 7);
        const take = Math.min(rest, left);
        const byte = data[at >>> 3] ?? 0;
        value = (value << take) | ((byte >> (rest - take)) & ((1 << take) - 1));
        at += take;
        left -= take;
      }
      return value;
    },
    leftBytes: () => data.length - (at >>> 3),
    startsWith: (text) => data.toString('latin1', at >>> 3, (at >>> 3) + text.length) === text,
    place: () => at,
    goBack(place) {
      at = place;
    },
  };
}
