// SPDX-License-Identifier: Apache-2.0

/** Nanoseconds since 1970 of an ISO 8601 time, as CRI wants them; 0 for no time. Digits below milliseconds count. */
export function nanosecondsOf(time: string | undefined): bigint {
  if (time === undefined || time === '') return 0n;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return 0n;
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return BigInt(Math.floor(ms / 1000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
