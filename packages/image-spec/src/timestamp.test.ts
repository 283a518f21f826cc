// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { formatTimestamp } from './timestamp.ts';

describe('a time in nanoseconds', () => {
  it.each([
    [0n, '1970-01-01T00:00:00Z'],
    [1n, '1970-01-01T00:00:00.000000001Z'],
    [1_500_000_000n, '1970-01-01T00:00:01.5Z'],
    [-1_500_000_000n, '1969-12-31T23:59:58.5Z'],
    [-1_000_000_000n, '1969-12-31T23:59:59Z'],
    [10n ** 30n, undefined],
  ])('%s is written as %s', (ns, text) => {
    expect(formatTimestamp(ns)).toBe(text);
  });
});
