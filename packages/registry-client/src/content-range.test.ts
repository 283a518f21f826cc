// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseContentRange, parseUploadRange } from './content-range.ts';

describe('parseContentRange', () => {
  it.each([
    ['bytes 0-0/1', { start: 0, end: 1, total: 1 }],
    ['bytes 5-9/10', { start: 5, end: 10, total: 10 }],
    ['bytes 5-9/*', { start: 5, end: 10, total: undefined }],
    ['bytes 0-9007199254740989/9007199254740990', { start: 0, end: 2 ** 53 - 2, total: 2 ** 53 - 2 }],
  ])('%s', (header, range) => {
    expect(parseContentRange(header)).toEqual(range);
  });

  it.each([
    null,
    '',
    'bytes */10',
    'bytes 9-5/10',
    'bytes 5-10/10',
    'bytes=5-9/10',
    'bytes 5-9',
    'lines 5-9/10',
    'bytes -5-9/10',
    'bytes 5-9/10, bytes 1-2/10',
    'bytes 0-9007199254740991/9007199254740992',
    `bytes 0-${'9'.repeat(400)}/*`,
  ])('refuses %s', (header) => {
    expect(parseContentRange(header)).toBeUndefined();
  });
});

describe('parseUploadRange', () => {
  it.each([
    ['0-99', 100],
    ['bytes=0-99', 100],
    ['bytes 0-99', 100],
    ['0-0', 1],
    ['0--1', 0],
  ])('%s stands for %i bytes', (header, size) => {
    expect(parseUploadRange(header)).toBe(size);
  });

  it.each([null, '', '1-99', '0-', '0-9-9', '0--2', '0-1e3', '0-9007199254740992', '99'])(
    'refuses %s',
    (header) => {
      expect(parseUploadRange(header)).toBeUndefined();
    },
  );
});
