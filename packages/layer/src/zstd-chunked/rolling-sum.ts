// SPDX-License-Identifier: Apache-2.0

const windowBytes = 64;
const charOffset = 31;
/** One border in 64 KiB of content, on average. */
const mask = 0xffff;

/**
 * The checksum of the last 64 bytes, as bup has it. Borders are where its low bits are all set: so they depend on the
 * content around them alone, and files that differ in one place share the chunks before and after it.
 */
export interface RollingSum {
  /** Takes bytes up to the first border or the first zero; gives how many. */
  take(bytes: Uint8Array, from: number, to: number): number;
  /** Takes zeros up to the first border; gives how many. */
  takeZeros(count: number): number;
  /** Takes zeros whatever borders are among them. */
  passZeros(count: number): void;
  isAtBorder(): boolean;
}

export function createRollingSum(): RollingSum {
  let s1 = windowBytes * charOffset;
  let s2 = windowBytes * (windowBytes - 1) * charOffset;
  let at = 0;
  const window = new Uint8Array(windowBytes);
  const zeros = new Uint8Array(windowBytes);

  /** The hot loop: all of it in local variables. */
  function take(
    bytes: Uint8Array,
    from: number,
    to: number,
    endsAtZero: boolean,
    endsAtBorder: boolean,
  ): number {
    let [sum1, sum2, index, i] = [s1, s2, at, from];
    while (i < to) {
      const byte = bytes[i] ?? 0;
      if (byte === 0 && endsAtZero) break;
      const dropped = window[index] ?? 0;
      window[index] = byte;
      index = (index + 1) & (windowBytes - 1);
      sum1 = (sum1 + byte - dropped) | 0;
      sum2 = (sum2 + sum1 - windowBytes * (dropped + charOffset)) | 0;
      i += 1;
      if (endsAtBorder && (sum2 & mask) === mask) break;
    }
    s1 = sum1;
    s2 = sum2;
    at = index;
    return i - from;
  }

  return {
    take: (bytes, from, to) => take(bytes, from, to, true, true),
    takeZeros(count) {
      const taken = take(zeros, 0, Math.min(count, windowBytes), false, true);
      // A window full of zeros stays what it is.
      return taken < windowBytes || (s2 & mask) === mask ? taken : count;
    },
    passZeros(count) {
      take(zeros, 0, Math.min(count, windowBytes), false, false);
    },
    isAtBorder: () => (s2 & mask) === mask,
  };
}
