// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { sourceDateEpoch } from './source-date-epoch.ts';

describe('sourceDateEpoch', () => {
  it.each([
    ['0', '1970-01-01T00:00:00.000Z'],
    ['1600000000', '2020-09-13T12:26:40.000Z'],
    ['8640000000000', '+275760-09-13T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(sourceDateEpoch({ SOURCE_DATE_EPOCH: text })?.toISOString()).toBe(expected);
  });

  it.each([{}, { SOURCE_DATE_EPOCH: '' }, { SOURCE_DATE_EPOCH: undefined }])('wants none in %j', (env) => {
    expect(sourceDateEpoch(env)).toBeUndefined();
  });

  it.each(['-1', '1.5', '0x10', ' 1', '1 ', '1e3', 'now', '8640000000001', '99999999999999'])(
    'refuses %j',
    (text) => {
      expect(() => sourceDateEpoch({ SOURCE_DATE_EPOCH: text })).toThrowError(
        expect.objectContaining({ code: 'invalid_argument' }),
      );
    },
  );
});
