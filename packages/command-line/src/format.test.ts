// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { formatBytes, humanAge, singleLine } from './index.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1_235_000, '1.24 MB'],
    [2_008_218, '2.01 MB'],
    [12_345_678, '12.3 MB'],
    [123_456_789, '123 MB'],
    [999_600, '1e+03 kB'],
    [1e9, '1 GB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('humanAge', () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  it.each([
    [0, 'Less than a second ago'],
    [second, '1 second ago'],
    [59 * second, '59 seconds ago'],
    [60 * second, 'About a minute ago'],
    [2 * minute, '2 minutes ago'],
    [59.9 * minute, '59 minutes ago'],
    [hour, 'About an hour ago'],
    [47 * hour, '47 hours ago'],
    [48 * hour, '2 days ago'],
    [13 * day, '13 days ago'],
    [14 * day, '2 weeks ago'],
    [59 * day, '8 weeks ago'],
    [60 * day, '2 months ago'],
    [729 * day, '24 months ago'],
    [731 * day, '2 years ago'],
  ])('%d ms is %s', (ms, text) => {
    expect(humanAge(new Date(0), new Date(ms))).toBe(text);
  });
});

describe('text from outside', () => {
  it('loses its control characters', () => {
    expect(singleLine('a\r\n  b\u001b[2J\u0007')).toBe('a b\\x1b[2J\\a');
  });
});
