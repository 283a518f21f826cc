// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { createRates } from './rates.ts';

const second = 1_000_000_000n;

function rated(...readings: readonly (readonly [atMs: number, usageMs: number])[]): (bigint | undefined)[] {
  let now = 0n;
  const rates = createRates(() => now);
  return readings.map(([atMs, usageMs]) => {
    now = BigInt(atMs) * 1_000_000n;
    return rates.next('c', BigInt(usageMs) * 1_000_000n);
  });
}

it('needs two readings, a second apart, and gives the former rate in between', () => {
  expect(rated([0, 0], [500, 400], [2000, 1000], [2500, 5000], [4000, 2000])).toEqual([
    undefined,
    undefined,
    second / 2n,
    second / 2n,
    second / 2n,
  ]);
});

it('begins anew when the counter did, or the last reading is long ago', () => {
  expect(rated([0, 100], [2000, 50], [4000, 2050], [700_000, 3000])).toEqual([
    undefined,
    undefined,
    second,
    undefined,
  ]);
});

it('keeps the counters apart, and forgets those that are read no more', () => {
  let now = 0n;
  const rates = createRates(() => now);
  rates.next('a', 0n);
  now = 2n * second;
  expect(rates.next('b', 0n)).toBeUndefined();
  expect(rates.next('a', 2n * second)).toBe(second);
});
