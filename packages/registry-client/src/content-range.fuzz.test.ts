// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseContentRange, parseUploadRange } from './content-range.ts';

const runs = { numRuns: 100_000 };
const timeoutMs = 60_000;

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom('bytes', ' ', '=', '-', '/', '*', '0', '1', '99', '9'.repeat(17), '.', 'e5', ','),
      {
        maxLength: 10,
      },
    )
    .map((parts) => parts.join('')),
);

it('reads every Content-Range that is one', { timeout: timeoutMs }, () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(), fc.option(fc.nat(), { nil: undefined }), (start, more, after) => {
      const end = start + more + 1;
      const total = after === undefined ? undefined : end + after;
      const range = parseContentRange(`bytes ${start}-${end - 1}/${total ?? '*'}`);
      const safe = Number.isSafeInteger(end) && (total === undefined || Number.isSafeInteger(total));
      expect(range).toEqual(safe ? { start, end, total } : undefined);
    }),
    runs,
  );
});

it('takes a Content-Range only when it can be written as it was read', { timeout: timeoutMs }, () => {
  fc.assert(
    fc.property(text, (header) => {
      const range = parseContentRange(header);
      if (range === undefined) return;
      const { start, end, total } = range;
      expect(start).toBeLessThan(end);
      expect(end).toBeLessThanOrEqual(total ?? end);
      expect(parseContentRange(`bytes ${start}-${end - 1}/${total ?? '*'}`)).toEqual(range);
    }),
    runs,
  );
});

it('takes a Range of an upload only when it stands for a number of bytes', { timeout: timeoutMs }, () => {
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        text.map((rest) => `0-${rest}`),
      ),
      (header) => {
        const size = parseUploadRange(header);
        if (size === undefined) return;
        expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
        expect(parseUploadRange(`0-${size - 1}`)).toBe(size);
      },
    ),
    runs,
  );
});
