// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDeflate, fastLevels, mostDeflated } from './deflate.ts';

const levels = Array.from({ length: fastLevels }, (_, i) => i + 1);
const lastBlock = Buffer.from([0x03, 0x00]);

function deflated(bytes: Uint8Array, level: number): Buffer {
  const output = new Uint8Array(mostDeflated(bytes.length));
  return Buffer.from(output.subarray(0, createDeflate(level)(bytes, output)));
}

const inflated = (blocks: Uint8Array): Buffer => inflateRawSync(Buffer.concat([blocks, lastBlock]));

/** The same in every run, and no byte tells of the next. */
function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 11;
  }
  return bytes;
}

const text = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size >> 4 }, (_, i) => `line ${(i * 7919) % 10_007} of many\n`).join(''));

/** A program, as layers are full of. */
function program(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  const file = openSync(process.execPath, 'r');
  readSync(file, bytes, 0, size, 8 << 20);
  closeSync(file);
  return bytes;
}

const inputs: Readonly<Record<string, Buffer>> = {
  nothing: Buffer.alloc(0),
  'one byte': Buffer.from('x'),
  'fewer bytes than a match is looked for in': Buffer.from('abcabca'),
  'one byte again and again': Buffer.alloc(1 << 20, 'x'),
  'two bytes again and again': Buffer.alloc(100_001, 'xy'),
  text: text(1 << 20),
  noise: noise(1 << 20),
  'noise that is longer than a stored block': noise(0xffff + 1),
  'noise as letters': Buffer.from(noise(500_000).toString('base64')),
  'a match as far back as can be': Buffer.concat([
    Buffer.from('the match'),
    noise(32_759),
    Buffer.from('the match'),
  ]),
  'a match one byte too far back': Buffer.concat([
    Buffer.from('the match'),
    noise(32_760),
    Buffer.from('the match'),
  ]),
  'the longest match and all shorter ones': Buffer.concat(
    Array.from({ length: 300 }, (_, i) =>
      Buffer.concat([noise(600, 7).subarray(0, i), Buffer.from([i, i >> 8, 1])]),
    ),
  ),
  'noise between short pieces of text': Buffer.concat(
    Array.from({ length: 200 }, (_, i) => [noise(1024 + i, i + 1), Buffer.from('text text text ')]).flat(),
  ),
  'symbols as rare as they can be': Buffer.concat(
    Array.from({ length: 20 }, (_, i) => Buffer.alloc(2 ** Math.min(i, 16), i * 3)),
  ),
  'a program': program(1 << 20),
};

describe.each(levels)('deflate at level %i', (level) => {
  it.each(Object.entries(inputs))('gives %s back', (_name, bytes) => {
    const blocks = deflated(bytes, level);
    expect(inflated(blocks).equals(bytes)).toBe(true);
    expect(blocks.length).toBeLessThan(mostDeflated(bytes.length));
    expect(blocks.subarray(-4).toString('hex')).toBe('0000ffff');
  });

  it.each([0, 1, 7, 8, 9, 0xffff, 1 << 16, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])(
    'gives %i bytes back, whatever they are',
    (size) => {
      const lines = text(2000);
      const stripes = Buffer.concat(
        Array.from({ length: 60 }, (_, i) => [noise(1500 + i, i + 1), lines.subarray(i, i + 700)]).flat(),
      );
      for (const kind of [
        Buffer.from([0]),
        noise(size),
        lines,
        stripes,
        noise(32 << 10),
        noise((32 << 10) + 1),
      ]) {
        const bytes = Buffer.alloc(size, kind);
        expect(inflated(deflated(bytes, level)).equals(bytes)).toBe(true);
      }
    },
  );

  it('makes no more than 1.5 % more of a program than zlib does, and 5 % of lines of numbers', () => {
    const [code, words] = [program(8 << 20), text(4 << 20)];
    const total = (bytes: Buffer, size: (part: Buffer) => number): number => {
      let sum = 0;
      for (let at = 0; at < bytes.length; at += 1 << 20) sum += size(bytes.subarray(at, at + (1 << 20)));
      return sum;
    };
    const own = (bytes: Buffer): number => total(bytes, (part) => deflated(part, level).length);
    const zlib = (bytes: Buffer): number =>
      total(bytes, (part) => deflateRawSync(part, { level, memLevel: 9 }).length);
    expect(own(code) / zlib(code)).toBeLessThan(1.015);
    expect(own(words) / zlib(words)).toBeLessThan(1.05);
  });

  it('stores noise as it is, and finds text right after it', () => {
    const bytes = Buffer.concat([text(50_000), noise(200_000), text(50_000)]);
    const blocks = deflated(bytes, level);
    expect(blocks.includes(noise(200_000).subarray(70_000, 130_000))).toBe(true);
    expect(blocks.length).toBeLessThan(200_000 + 2 * deflated(text(50_000), level).length + 500);
  });

  it('gives any bytes back, also after others', () => {
    const deflate = createDeflate(level);
    const piece = fc.oneof(
      fc.record({ kind: fc.constant('noise'), size: fc.nat(5_000), seed: fc.integer({ min: 1 }) }),
      fc.record({ kind: fc.constant('byte'), size: fc.nat(1_000), seed: fc.nat(255) }),
      fc.record({ kind: fc.constant('again'), size: fc.nat(3_000), seed: fc.nat(40_000) }),
    );
    const run = fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      let bytes: Buffer = Buffer.alloc(0);
      for (const { kind, size, seed } of pieces) {
        const from = Math.max(0, bytes.length - seed);
        const next =
          kind === 'noise'
            ? noise(size, seed)
            : kind === 'byte'
              ? Buffer.alloc(size, seed)
              : bytes.subarray(from, from + size);
        bytes = Buffer.concat([bytes, next]);
      }
      const output = new Uint8Array(mostDeflated(bytes.length));
      const size = deflate(bytes, output);
      expect(inflated(output.subarray(0, size)).equals(bytes)).toBe(true);
    });
    fc.assert(run, { numRuns: 150 });
  });
});

it('makes the bytes that it has always made: digests of layers depend on them', () => {
  const bytes = Buffer.concat([text(300_000), noise(20_000), text(100_000).reverse(), noise(500)]);
  const digests = levels.map((level) => createHash('sha256').update(deflated(bytes, level)).digest('hex'));
  expect(digests.map((digest) => digest.slice(0, 16))).toEqual([
    '31c1642b269b441e',
    'a82170704c4ad3c9',
    'bf43bf1ff1fd34cb',
  ]);
});

it('says so when there is no room', () => {
  const bytes = noise(5_000);
  expect(() => createDeflate(1)(bytes, new Uint8Array(4_000))).toThrow(RangeError);
  const words = Buffer.from(noise(5_000).toString('base64'));
  expect(() => createDeflate(1)(words, new Uint8Array(1_000))).toThrow(RangeError);
  expect(() => createDeflate(fastLevels + 1)).toThrow('there is no level 4');
});
