// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { nanosecondsOf, waitMs } from './time.ts';

const cases: [string | undefined, bigint][] = [
  ['1970-01-01T00:00:01Z', 1_000_000_000n],
  ['1970-01-01T00:00:01.5Z', 1_500_000_000n],
  ['2026-11-23T22:56:00.826042415+00:00', 1_795_474_560_826_042_415n],
  ['2026-11-23T23:56:00.826042415+01:00', 1_795_474_560_826_042_415n],
  [undefined, 0n],
  ['', 0n],
  ['soon', 0n],
];

it.each(cases)('takes %s for %d ns', (time, ns) => {
  expect(nanosecondsOf(time)).toBe(ns);
});

it.each([
  [0n, 0],
  [-1n, 0],
  [1n, 1000],
  [2_147_483n, 2_147_483_000],
  [2_147_484n, 2_147_483_647],
  [2n ** 63n - 1n, 2_147_483_647],
])('waits for %d s a time that a timer takes', (seconds, ms) => {
  expect(waitMs(seconds)).toBe(ms);
});
