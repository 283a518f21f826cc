// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { hasPair } from './key-value.ts';

describe('hasPair', () => {
  it.each([
    ['tier', true],
    ['tier=front', true],
    ['tier=back', false],
    ['tier=', false],
    ['empty', true],
    ['empty=', true],
    ['none', false],
    ['toString', false],
    ['rule=a=b', true],
  ])('%s: %s', (text, expected) => {
    expect(hasPair({ tier: 'front', empty: '', rule: 'a=b' }, text)).toBe(expected);
  });
});
