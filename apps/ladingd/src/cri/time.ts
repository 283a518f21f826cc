// SPDX-License-Identifier: Apache-2.0

/** Timers with more take no time at all; nearly 25 days are as good as for ever. */
const longestMs = 2_147_483_647;

/** Nanoseconds since 1970 of an ISO 8601 time, as CRI wants them; 0 for no time. Digits below milliseconds count. */
export function nanosecondsOf(time: string | undefined): bigint {
  if (time === undefined || time === '') return 0n;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return 0n;
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return BigInt(Math.floor(ms / 1000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}

/** Milliseconds of a wait in seconds, for a timer: never negative, and not more than a timer takes. */
export function waitMs(seconds: bigint): number {
  if (seconds <= 0n) return 0;
  return seconds > BigInt(longestMs) / 1000n ? longestMs : Number(seconds) * 1000;
}
