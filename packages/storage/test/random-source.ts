// SPDX-License-Identifier: Apache-2.0

/** Numbers that look random and are the same for the same seed. */
export interface RandomSource {
  below(limit: number): number;
  pick<T>(from: readonly T[]): T | undefined;
}

export function randomSource(seed: number): RandomSource {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return { below, pick: (from) => from[below(from.length)] };
}
