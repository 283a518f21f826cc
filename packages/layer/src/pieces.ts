// SPDX-License-Identifier: Apache-2.0
import type { BufferPool } from './buffer-pool.ts';

/** Gathers bytes in pieces of one size. */
export interface Pieces {
  /** Copies bytes to the end. */
  put(bytes: Uint8Array): void;
  /** Where up to so many of the next bytes can be written, before {@link Pieces.filled} says how many there are. */
  room(most: number): Buffer<ArrayBuffer>;
  filled(count: number): void;
  /** The full pieces that have come up since; they belong to the caller. */
  taken(): readonly Buffer<ArrayBuffer>[];
  rest(): readonly Buffer<ArrayBuffer>[];
}

export function createPieces(pool: Pick<BufferPool, 'take'>): Pieces {
  let full: Buffer<ArrayBuffer>[] = [];
  let piece = pool.take();
  let used = 0;
  const filled = (count: number): void => {
    used += count;
    if (used < piece.length) return;
    full.push(piece);
    piece = pool.take();
    used = 0;
  };
  const taken = (): readonly Buffer<ArrayBuffer>[] => {
    const now = full;
    if (now.length > 0) full = [];
    return now;
  };
  return {
    put(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const count = Math.min(bytes.length - at, piece.length - used);
        piece.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), used);
        at += count;
        filled(count);
      }
    },
    room: (most) => piece.subarray(used, Math.min(piece.length, used + most)),
    filled,
    taken,
    rest: () => [...taken(), ...(used > 0 ? [piece.subarray(0, used)] : [])],
  };
}
