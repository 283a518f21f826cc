// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { checkDigest, checkName, checkTag, isName } from './names.ts';

it.each(['a', 'library/alpine', 'a/b/c', 'a.b/c_d/e__f/g--h', '0/1'])('%s is a name', (name) => {
  expect(checkName(name)).toBe(name);
});

it.each([
  '',
  '.',
  '..',
  'a/../b',
  '/a',
  'a/',
  'a//b',
  'A',
  '_layout',
  'a/_layout',
  'a___b',
  'a..b',
  '-a',
  'a\n',
  'a\0',
  'é',
])('%j is no name', (name) => {
  expect(isName(name)).toBe(false);
  expect(() => checkName(name)).toThrowError(expect.objectContaining({ reason: 'NAME_INVALID' }));
});

it.each(['', '.a', '-a', 'a/b', 'a'.repeat(129), 'a b', 'a\n'])('%j is no tag', (tag) => {
  expect(() => checkTag(tag)).toThrowError(expect.objectContaining({ reason: 'MANIFEST_INVALID' }));
});

it.each([null, undefined, '', 'sha256:', `sha256:${'A'.repeat(64)}`, `blake3:${'a'.repeat(64)}`])(
  '%j is no digest that is taken',
  (digest) => {
    expect(() => checkDigest(digest)).toThrowError(expect.objectContaining({ reason: 'DIGEST_INVALID' }));
  },
);
