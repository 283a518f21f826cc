// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

const now = Date.UTC(2026, 0, 1);

it.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
  ['Thu Jan  1 00:00:30 2026', 30_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['9999999999', undefined],
  ['2026-01-01T00:00:30Z', undefined],
  ['Thu, 99 Jan 2026 00:00:30 GMT', undefined],
  ['', undefined],
  [null, undefined],
])('reads %j as %s', (header, expected) => expect(parseRetryAfter(header, now)).toBe(expected));

it('any text is a pause of whole milliseconds or none, and what a server writes is read', {
  timeout: 60_000,
}, () => {
  const date = fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  const written = fc.oneof(
    fc.nat(999_999_999).map((seconds) => ({ text: String(seconds), ms: seconds * 1000 })),
    date.map((at) => ({
      text: at.toUTCString(),
      ms: Math.max(0, Math.floor(at.getTime() / 1000) * 1000 - now),
    })),
  );
  const pieces = fc.array(
    fc.constantFrom('Thu', ', ', '01', ' Jan ', '2026', ' 00:00:30', ' GMT', '-', '1e9', '\t', '9'),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(
      written,
      fc.oneof(
        pieces.map((parts) => parts.join('')),
        fc.string(),
      ),
      fc.nat(40),
      ({ text, ms }, noise, at) => {
        expect(parseRetryAfter(text, now)).toBe(ms);
        for (const header of [noise, text.slice(0, at) + noise + text.slice(at)]) {
          const found = parseRetryAfter(header, now);
          if (found !== undefined) expect(Number.isSafeInteger(found) && found >= 0).toBe(true);
        }
      },
    ),
    { numRuns: 100_000 },
  );
});
