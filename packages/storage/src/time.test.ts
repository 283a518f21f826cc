// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { recordTime } from './time.ts';

describe('recordTime', () => {
  it.each([
    ['2026-01-02T03:04:05.123456789+02:00', '2026-01-02T01:04:05.123Z'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('writes %s as %s', (time, text) => {
    expect(recordTime(time)).toBe(text);
  });

  it.each([
    '',
    'yesterday',
    '2026-13-01T00:00:00Z',
    '+012026-01-01T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    undefined,
  ])('takes %j for now: other tools would refuse the store', (time) => {
    expect(Math.abs(Date.parse(recordTime(time)) - Date.now())).toBeLessThan(60_000);
  });
});
