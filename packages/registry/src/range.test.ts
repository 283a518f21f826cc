// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { parseChunkRange, parseRange } from './range.ts';

it.each([
  [undefined, 10, undefined],
  ['bytes=0-', 10, { start: 0, end: 9 }],
  ['bytes=2-4', 10, { start: 2, end: 4 }],
  ['bytes=2-400', 10, { start: 2, end: 9 }],
  ['bytes=-3', 10, { start: 7, end: 9 }],
  ['bytes=-30', 10, { start: 0, end: 9 }],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=4-2', 10, 'unsatisfiable'],
  ['bytes=0-1,3-4', 10, undefined],
  ['bytes=-', 10, undefined],
  ['lines=1-2', 10, undefined],
])('%s of %i bytes is %o', (header, size, expected) => {
  expect(parseRange(header, size)).toEqual(expected);
});

it.each([
  ['0-9007199254740990', { start: 0, bytes: 9_007_199_254_740_991 }],
  ['0-9007199254740991', undefined],
  ['9007199254740991-9007199254740991', undefined],
  ['3-2', undefined],
])('a Content-Range of %s is %j', (header, range) => expect(parseChunkRange(header)).toEqual(range));
