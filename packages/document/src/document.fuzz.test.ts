// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeJson, parseDocument } from './document.ts';
import { anything } from './rule.ts';

const token = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ' ',
    '\n',
    '"',
    '"a"',
    '"__proto__"',
    'null',
    'true',
    '\\u0000',
  ),
  fc.constantFrom('0', '-0', '1e5', '-', '1e400', '0.1', '9007199254740993', `-${'9'.repeat(300)}`, '\ud800'),
);
/** JSON, JSON with a token in it, and tokens. */
const text = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc
    .tuple(fc.json({ maxDepth: 2 }), fc.nat(), token)
    .map(
      ([json, at, piece]) =>
        json.slice(0, at % (json.length + 1)) + piece + json.slice(at % (json.length + 1)),
    ),
  fc
    .array(fc.constantFrom('1', '18446744073709551615', '-9007199254740993', '"a"', '1.5'))
    .map((list) => `{"a":[${list}]}`),
  fc.array(token, { maxLength: 8 }).map((list) => list.join('')),
);
const input = fc.oneof(
  { weight: 4, arbitrary: text },
  text.map((json) => Buffer.from(json)),
  fc.uint8Array(),
);

it('a document gives its bytes back, and what is written anew is the same document', () => {
  let taken = 0;
  fc.assert(
    fc.property(input, (given) => {
      let document: unknown;
      try {
        document = parseDocument('document', anything, given);
      } catch (error) {
        if (!(error instanceof LadingError)) throw error;
        return;
      }
      if (typeof document !== 'object' || document === null) return;
      taken++;
      const bytes = typeof given === 'string' ? new TextEncoder().encode(given) : given;
      expect(Buffer.compare(encodeJson(document), bytes)).toBe(0);
      const copy: object = Array.isArray(document) ? [...document] : { ...document };
      let anew: Uint8Array;
      try {
        anew = encodeJson(copy);
      } catch (error) {
        // A number beyond all doubles can be given back, but not written.
        expect(String(error)).toContain('cannot be written as JSON');
        expect(hasInfinity(Buffer.from(bytes).toString())).toBe(true);
        return;
      }
      expect(
        Buffer.compare(encodeJson(structuredClone(parseDocument('document', anything, anew))), anew),
      ).toBe(0);
    }),
    { numRuns: 100_000 },
  );
  expect(taken).toBeGreaterThan(10_000);
}, 60_000);

function hasInfinity(json: string): boolean {
  let found = false;
  JSON.parse(json, (_key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) found = true;
    return value;
  });
  return found;
}
