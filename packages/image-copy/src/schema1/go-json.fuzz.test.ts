// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { goObject, goTime, rawMembers } from './go-json.ts';

const numRuns = 100_000;

const objects = fc.dictionary(
  fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__'),
  fc.jsonValue({ maxDepth: 1 }),
  { maxKeys: 3 },
);

it('an object in its parts is the same object, whatever white space was in it', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(objects, fc.constantFrom('', ' ', '\t', '\n  '), (object, space) => {
      const members = rawMembers(JSON.stringify(object, null, space));
      const text = goObject(members);
      const same = isDeepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(object)));
      return same && !/[<>&\u2028\u2029]/.test(text) && goObject(rawMembers(text)) === text;
    }),
    { numRuns },
  );
});

it.each([
  [undefined, '0001-01-01T00:00:00Z'],
  ['2024-01-02T03:04:05.100Z', '2024-01-02T03:04:05.1Z'],
  ['2024-01-02T03:04:05.000+00:00', '2024-01-02T03:04:05Z'],
  ['2024-01-02T03:04:05.123456789+02:00', '2024-01-02T03:04:05.123456789+02:00'],
])('the time %s is written as Go writes it', (text, written) => {
  expect(goTime(text)).toBe(written);
});

it('numbers and escapes stay as they were spelled', () => {
  const text = '{ "b": 1.50e3, "a": "\\u0041\\/\\n", "c" : [ true , null ], "<": {"x":"&"} }';
  expect(goObject(rawMembers(text))).toBe(
    '{"\\u003c":{"x":"\\u0026"},"a":"\\u0041\\/\\n","b":1.50e3,"c":[true,null]}',
  );
});

it('a text of megabytes is read', () => {
  const text = JSON.stringify({ a: '\n"'.repeat(700_000) });
  expect(goObject(rawMembers(text))).toBe(text);
});
