// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { createTokens } from './tokens.ts';

it('is good once', () => {
  const tokens = createTokens<number>();
  const token = tokens.add(1);
  expect([tokens.take(token), tokens.take(token), tokens.take('other')]).toEqual([1, undefined, undefined]);
});

it('is good for a minute, and makes room then', () => {
  let now = 0;
  const tokens = createTokens<number>(() => now);
  const early = tokens.add(1);
  now = 30_000;
  const late = tokens.add(2);
  for (let i = 2; i < 1000; i++) tokens.add(i);
  expect(() => tokens.add(0)).toThrow('1000 streaming URLs wait');
  now = 60_000;
  expect(tokens.take(early)).toBeUndefined();
  tokens.add(0);
  expect(tokens.take(late)).toBe(2);
});
