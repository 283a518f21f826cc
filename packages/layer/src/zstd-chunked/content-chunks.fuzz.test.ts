// SPDX-License-Identifier: Apache-2.0
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContentChunks } from './content-chunks.ts';

const numRuns = 100_000;

/** The same bytes each time, which no compressor makes smaller. */
function noise(sizeBytes: number): Buffer {
  const key = Buffer.alloc(32, 7);
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

/** The chunks of content that comes in pieces: lengths, negative for zeros. */
function chunksOf(content: Buffer, pieceBytes: number): number[] {
  const found: number[] = [];
  const told: Buffer[] = [];
  let size = 0;
  const chunks = createContentChunks({
    onBytes(bytes) {
      told.push(Buffer.from(bytes));
      size += bytes.length;
    },
    onEnd(isZeros) {
      found.push(isZeros ? -size : size);
      size = 0;
    },
  });
  for (let at = 0; at < content.length; at += pieceBytes) chunks.push(content.subarray(at, at + pieceBytes));
  chunks.end();
  if (!Buffer.concat(told).equals(content)) throw new Error('other bytes were told');
  return found;
}

/** The same byte by byte, as the format's first implementation does it. */
function expectedChunks(content: Buffer): number[] {
  const found: number[] = [];
  const window = Buffer.alloc(64);
  let [s1, s2, at] = [64 * 31, 64 * 63 * 31, 0];
  let start = 0;
  const roll = (byte: number): boolean => {
    const dropped = window[at % 64] ?? 0;
    window[at++ % 64] = byte;
    s1 = (s1 + byte - dropped) >>> 0;
    s2 = (s2 + s1 - 64 * (dropped + 31)) >>> 0;
    return s2 % 65_536 === 65_535;
  };
  const end = (to: number, sign: 1 | -1): void => {
    if (to > start) found.push(sign * (to - start));
    start = to;
  };
  for (let i = 0; i < content.length; ) {
    let zeros = i;
    while (content[zeros] === 0) zeros += 1;
    if (zeros - i >= 1024) {
      end(i, 1);
      for (; i < zeros; i++) roll(0);
      end(zeros, -1);
      continue;
    }
    for (const to = Math.max(zeros, i + 1); i < to; i++) if (roll(content[i] ?? 0)) end(i + 1, 1);
  }
  end(content.length, 1);
  return found;
}

const run = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 63, 64, 65, 1023, 1024, 1025, 3000).map((n) => Buffer.alloc(n)),
  },
  { weight: 1, arbitrary: fc.tuple(fc.nat(200), fc.nat(255)).map(([n, byte]) => Buffer.alloc(n, byte)) },
);

it('content is cut at the same places in whatever pieces it comes', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), fc.integer({ min: 1, max: 2000 }), (runs, pieceBytes) => {
      const content = Buffer.concat(runs);
      const expected = expectedChunks(content);
      return JSON.stringify(chunksOf(content, pieceBytes)) === JSON.stringify(expected);
    }),
    { numRuns },
  );
});

it('long content is cut where it says to, and where it says nothing before it fills the memory', () => {
  const block = noise(1 << 20);
  expect(expectedChunks(block).length).toBeGreaterThan(3);
  expect(chunksOf(block, 12_345)).toEqual(expectedChunks(block));
  expect(chunksOf(Buffer.alloc(20 << 20), 1 << 20)).toEqual([-(8 << 20), -(8 << 20), -(4 << 20)]);
  expect(chunksOf(Buffer.alloc(9 << 20, 'a'), 1 << 20)).toEqual([8 << 20, 1 << 20]);
});
