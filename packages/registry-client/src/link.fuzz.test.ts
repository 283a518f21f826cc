// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Link, parseLinks } from './link.ts';

const runs = { numRuns: 100_000 };
const timeoutMs = 60_000;

const target = fc.stringMatching(/^[!-;=?-~]{0,20}$/);
const relation = fc.stringMatching(/^[a-z]{1,8}$/);
const parameter = fc.oneof(
  fc.constantFrom('; title="a, b"', ';x', '; y=z', '; t="\\"<;,>"', ' ;\t'),
  fc.stringMatching(/^[a-z]{1,5}$/).map((name) => `; x${name}=1`),
);
const link = fc.record({ target, rel: fc.array(relation, { maxLength: 3 }), extra: parameter });

function same(a: readonly Link[], b: readonly Link[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

it('reads back every link that was written well', { timeout: timeoutMs }, () => {
  fc.assert(
    fc.property(fc.array(link, { maxLength: 5 }), (links) => {
      const header = links.map((l) => `<${l.target}>${l.extra}; rel="${l.rel.join(' ')}"`).join(', ');
      const expected: Link[] = links.map(({ target, rel }) => ({ target, rel }));
      return same(parseLinks(header), expected);
    }),
    runs,
  );
});

it('finds in any text only what stands in it, and the same again in what it found', {
  timeout: timeoutMs,
}, () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    ';',
    ',',
    '"',
    '\\',
    '=',
    'rel',
    'next',
    ' ',
    '</a>',
    'rel="next"',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 20 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (header) => {
      const links = parseLinks(header);
      const found = links.every(
        ({ target, rel }) =>
          header.includes(`<${target}>`) && !target.includes('>') && rel.every((type) => !/[ \t]/.test(type)),
      );
      const plain = links.filter(({ rel }) => rel.every((type) => !/["\\]/.test(type)));
      const written = plain.map(({ target, rel }) => `<${target}>; rel="${rel.join(' ')}"`).join(', ');
      return found && same(parseLinks(written), plain);
    }),
    runs,
  );
});

it('takes time in proportion to the header', () => {
  // 16 KiB of what a backtracking parser would choke on: with one, this test does not end.
  for (const piece of ['<', '<>;', ';="', '<a>;rel="\\', ', ', '<a>; rel=" ']) {
    expect(parseLinks(piece.repeat(Math.floor(16_000 / piece.length))).length).toBeLessThanOrEqual(50);
  }
});
