// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code } from '@lading/errors';
import { parseDigest } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { checkId, layerId, randomId } from './ids.ts';

const hex = 'ab'.repeat(32);
const diffId = parseDigest(`sha256:${hex}`);

describe('the id of a layer', () => {
  it('is the hex of its diffID when nothing is below it', () => {
    expect(layerId(undefined, diffId)).toBe(hex);
    expect(layerId('', diffId)).toBe(hex);
  });

  it('is a hash of the id below and the hex of its diffID', () => {
    const parent = '12'.repeat(32);
    expect(layerId(parent, diffId)).toBe(createHash('sha256').update(`${parent}+${hex}`).digest('hex'));
  });
});

describe('a random id', () => {
  it('is 64 hex digits and cannot be taken for a number', () => {
    const ids = Array.from({ length: 200 }, randomId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[0-9a-f]{64}$/.test(id) || /^\d{12}/.test(id))).toEqual([]);
  });
});

describe('checkId', () => {
  it.each(['', '..', hex.slice(1), hex.toUpperCase(), `../${hex}`, `${hex}\n`])('refuses %j', (id) => {
    expect(() => checkId(id, 'a container')).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });
});
