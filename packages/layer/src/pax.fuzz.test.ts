// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { parsePax, paxRecord } from './pax.ts';

const timeout = 120_000;

describe('any pax header', () => {
  it(
    'of random text is refused with an error of ours, or holds its values',
    () => {
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.uint8Array().map(Buffer.from)), (text) => {
          try {
            parsePax(Buffer.from(text));
          } catch (error) {
            if (!(error instanceof LadingError)) throw error;
          }
        }),
        { numRuns: 100_000 },
      );
    },
    timeout,
  );

  it(
    'that is written reads as it was',
    () => {
      const key = fc
        .string({ minLength: 1, unit: 'grapheme' })
        .filter((text) => !/[=\0]/.test(text) && !text.startsWith('GNU.sparse'));
      const value = fc.uint8Array({ minLength: 1, maxLength: 120 });
      fc.assert(
        fc.property(fc.dictionary(key, value, { noNullPrototype: true, maxKeys: 4 }), (records) => {
          const body = Buffer.concat(Object.entries(records).map(([k, v]) => paxRecord(k, v)));
          const read = [...parsePax(body)].map(([k, v]) => [k, new Uint8Array(v)]);
          assert.deepEqual(read, Object.entries(records));
        }),
        { numRuns: 100_000 },
      );
    },
    timeout,
  );
});
