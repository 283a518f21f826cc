// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseChunkRange, parseRange } from './range.ts';

const timeout = 60_000;
const size = fc.oneof(fc.constantFrom(0, 1, 10, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
const digits = fc.oneof(
  fc.constant(''),
  fc.nat(20).map(String),
  fc.maxSafeNat().map(String),
  fc.bigInt({ min: 0n, max: 1n << 200n }).map(String),
  fc.constantFrom('-1', '1.5', '0x1', '1e3', ' 1', '٣', 'NaN'),
);
const unit = fc.constantFrom('bytes=', 'bytes ', 'Bytes=', '', 'items=', 'bytes==', ' bytes=');
const near = fc
  .tuple(
    unit,
    digits,
    fc.constantFrom('-', '--', '', ',', '-0,1-'),
    digits,
    fc.constantFrom('', '/9', '/*', '\n'),
  )
  .map((parts) => parts.join(''));
const header = fc.oneof(
  { weight: 4, arbitrary: near },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

it('a Range gives bytes within the blob, in order, or a closed word', { timeout }, () => {
  fc.assert(
    fc.property(header, size, (text, bytes) => {
      const range = parseRange(text, bytes);
      if (range === undefined || range === 'unsatisfiable') return;
      expect(Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end)).toBe(true);
      expect(range.start >= 0 && range.start <= range.end && range.end < bytes).toBe(true);
      expect(parseRange(`bytes=${range.start}-${range.end}`, bytes)).toEqual(range);
    }),
    { numRuns: 100_000 },
  );
});

it('a Content-Range of a chunk gives exact numbers, or nothing', { timeout }, () => {
  fc.assert(
    fc.property(header, (text) => {
      const chunk = parseChunkRange(text);
      if (chunk === undefined) return;
      expect(Number.isSafeInteger(chunk.start) && chunk.start >= 0).toBe(true);
      expect(Number.isSafeInteger(chunk.bytes) && chunk.bytes > 0).toBe(true);
      const [, start, end] = /(\d+)-(\d+)/.exec(text) ?? [];
      expect([BigInt(start ?? ''), BigInt(end ?? '') + 1n]).toEqual([
        BigInt(chunk.start),
        BigInt(chunk.start) + BigInt(chunk.bytes),
      ]);
      expect(parseChunkRange(`${chunk.start}-${chunk.start + chunk.bytes - 1}`)).toEqual(chunk);
    }),
    { numRuns: 100_000 },
  );
});
