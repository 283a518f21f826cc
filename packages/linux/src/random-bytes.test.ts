// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { randomBytes } from './random-bytes.ts';

it('gives as many bytes as asked for, others each time', () => {
  expect([0, 1, 32, 256].map((size) => randomBytes(size).length)).toEqual([0, 1, 32, 256]);
  expect(randomBytes(32)).not.toEqual(randomBytes(32));
});

it('gives no more than the kernel does at once', () => {
  expect(() => randomBytes(257)).toThrow(RangeError);
});
