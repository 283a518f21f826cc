// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Challenge, parseChallenges } from './challenge.ts';

const token = fc.string({ unit: fc.constantFrom(...'abzAZ09!#$%&*+-.^_|~'), minLength: 1, maxLength: 8 });
const value = fc.oneof(token, fc.string({ unit: fc.constantFrom(...'a ",=\\\t/:é'), maxLength: 10 }));
const challenge = fc.record({
  scheme: token.map((name) => name.toLowerCase()),
  parameters: fc.dictionary(
    token.map((name) => name.toLowerCase()),
    value,
    { maxKeys: 4, noNullPrototype: false },
  ),
});
const spaces = fc.constantFrom('', ' ', '\t ', '  ');

/** A header as RFC 9110 lets it be written, with spaces where they are allowed. */
function write(challenges: readonly Challenge[], space: string, comma: string): string {
  return challenges
    .map(({ scheme, parameters }) => {
      const list = Object.entries(parameters).map(([name, text]) => {
        const plain = /^[!#$%&'*+\-.^_`|~\w]+$/.test(text);
        return `${name}${space}=${space}${plain ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`}`;
      });
      return [scheme.toUpperCase(), list.join(comma)].filter((part) => part !== '').join(' ');
    })
    .join(comma);
}

const plainOf = (list: readonly Challenge[]) =>
  list.map(({ scheme, parameters }) => [scheme, Object.entries(parameters)]);

it('what is written by the grammar is read, and any damage ends the reading and nothing else', {
  timeout: 60_000,
}, () => {
  const commas = fc.constantFrom(',', ', ', ' ,\t', ',, ');
  const noise = fc.oneof(
    fc.string({
      unit: fc.constantFrom('a', '"', '\\', ',', ' ', '=', '\t', 'é', '~', '/', '\0'),
      maxLength: 40,
    }),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  fc.assert(
    fc.property(
      fc.array(challenge, { maxLength: 3 }),
      spaces,
      commas,
      noise,
      fc.nat(80),
      (list, space, comma, junk, at) => {
        const header = write(list, space, comma);
        expect(plainOf(parseChallenges(header))).toEqual(plainOf(list));
        for (const damaged of [junk, header.slice(0, at) + junk + header.slice(at), header.slice(0, at)]) {
          for (const { scheme, parameters } of parseChallenges(damaged)) {
            expect(scheme).toMatch(/^[!#$%&'*+\-.^_`|~\w]+$/);
            for (const name of Object.keys(parameters)) expect(name).toBe(name.toLowerCase());
          }
        }
      },
    ),
    { numRuns: 100_000 },
  );
});

it('reads a megabyte of anything at once', () => {
  for (const piece of ['a=b,', '"', 'Bearer ', 'a ', '\\"', '=', 'x="', ', ,']) {
    expect(parseChallenges(piece.repeat(1_000_000 / piece.length)).length).toBeLessThan(20_000);
  }
});
