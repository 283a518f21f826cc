// SPDX-License-Identifier: Apache-2.0
import { invalid, type Rule } from './rule.ts';

/** A whole number within bounds that JavaScript holds exactly; beyond 2^53 digits would be lost in silence. */
export function integer(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): Rule<number> {
  return (value, at) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
      throw invalid(at, `a whole number from ${bound(minimum)} to ${bound(maximum)}`, value);
    }
    return value;
  };
}

function bound(value: number): string {
  if (value === Number.MAX_SAFE_INTEGER) return '2^53 - 1';
  return value === Number.MIN_SAFE_INTEGER ? '-2^53 + 1' : String(value);
}

export const uint8: Rule<number> = integer(0, 0xff);
export const uint16: Rule<number> = integer(0, 0xffff);
export const uint32: Rule<number> = integer(0, 0xffff_ffff);
export const int32: Rule<number> = integer(-0x8000_0000, 0x7fff_ffff);
/** Of 64-bit numbers, those that are sizes or times, which fit 53 bits. */
export const int53: Rule<number> = integer(Number.MIN_SAFE_INTEGER);
export const uint53: Rule<number> = integer(0);

/** All 64 bits: a bigint beyond 2^53, as in "no limit", which Go writes as 18446744073709551615. */
export const uint64: Rule<number | bigint> = wide(0n, 'a whole number from 0 to 2^64 - 1', 1n << 64n);
/** All 64 bits with a sign: a bigint beyond 2^53, as in 9223372036854771712, cgroup v1's "no limit". */
export const int64: Rule<number | bigint> = wide(
  -(1n << 63n),
  'a whole number from -2^63 to 2^63 - 1',
  1n << 63n,
);

function wide(minimum: bigint, expected: string, end: bigint): Rule<number | bigint> {
  return (value, at) => {
    const whole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
    if (whole && value >= minimum && value < end) return value;
    throw invalid(at, expected, value);
  };
}
