// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cutAtNoise } from './noise.ts';

const text = (size: number): Buffer => Buffer.alloc(size, 'a line of text that says little\n');

/** Signed numbers of 32 bits, whose lowest byte alone is noise. */
const numbers = (count: number): Buffer => {
  const bytes = Buffer.alloc(count * 4);
  randomBytes(count).forEach((value, i) => {
    bytes.writeInt32LE(value, i * 4);
  });
  return bytes;
};

describe('cutAtNoise', () => {
  it.each([
    ['text', text(100_000)],
    ['noise that is short', randomBytes(6_000)],
    ['numbers', numbers(20_000)],
    ['text in base64', Buffer.from(randomBytes(60_000).toString('base64'))],
    ['nothing but zeros', Buffer.alloc(50_000)],
    [
      'noise between text, too short to stand alone',
      Buffer.concat([text(9_000), randomBytes(7_000), text(1)]),
    ],
  ])('leaves %s whole', (_name, bytes) => {
    expect(cutAtNoise(bytes)).toEqual([{ isNoise: false, bytes }]);
  });

  it('finds noise between text, and gives every byte once, in order', () => {
    const block = Buffer.concat([text(30_000), randomBytes(100_000), text(30_000), randomBytes(40_000)]);
    const segments = cutAtNoise(block);
    expect(Buffer.concat(segments.map(({ bytes }) => bytes)).equals(block)).toBe(true);
    const noise = segments.filter(({ isNoise }) => isNoise).reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(noise).toBeGreaterThan(120_000);
    expect(segments[0]?.isNoise).toBe(false);
  });

  it('takes for noise what a compressor cannot make shorter', () => {
    const packed = deflateRawSync(Buffer.from(randomBytes(300_000).toString('hex')));
    const segments = cutAtNoise(packed);
    const noise = segments.filter(({ isNoise }) => isNoise).reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(noise).toBeGreaterThan(packed.length / 2);
  });

  it('has nothing to cut of nothing', () => {
    expect(cutAtNoise(Buffer.alloc(0))).toEqual([]);
  });
});
