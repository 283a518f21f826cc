// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parsePolicy } from './load-policy.ts';
import { parseSignatureStorages } from './registries-d.ts';
import { parseStrictJson, type StrictJson } from './strict-json.ts';

const word = fc.constantFrom(
  ...[
    'type',
    'reject',
    'signedBy',
    'sigstoreSigned',
    'keyType',
    'GPGKeys',
    'keyPath',
    'keyData',
    'YQ==',
    'keyPaths',
  ],
  ...[
    'signedIdentity',
    'matchExact',
    'remapIdentity',
    'prefix',
    'a.net',
    'docker',
    'dir',
    '/a',
    '',
    '__proto__',
  ],
);
const requirement = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ type: 'reject' }) },
  { weight: 5, arbitrary: fc.constant({ type: 'signedBy', keyType: 'GPGKeys', keyPath: '/k' }) },
  {
    weight: 2,
    arbitrary: fc.dictionary(word, fc.oneof(word, fc.array(word, { maxLength: 2 })), { maxKeys: 4 }),
  },
);
const requirements = fc.array(requirement, { maxLength: 2 });
const policy = fc
  .record({
    default: requirements,
    transports: fc.dictionary(word, fc.dictionary(word, requirements, { maxKeys: 2 }), { maxKeys: 2 }),
  })
  .map((value) => JSON.stringify(value));
const mutated = fc
  .tuple(policy, fc.nat(), fc.constantFrom('', '"', '{', '}', '\0', ',', '\\u0065', '\ud800'))
  .map(([whole, at, put]) => {
    const place = at % (whole.length + 1);
    return whole.slice(0, place) + put + whole.slice(place + 1);
  });
const json = fc.oneof(
  { weight: 4, arbitrary: policy },
  { weight: 4, arbitrary: mutated },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

it('any text is a policy with a requirement in every list, or an error that names the file', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(json, (text) => {
      try {
        const found = parsePolicy(text, '/p');
        const lists = [
          found.default,
          ...[...found.transports.values()].flatMap((scopes) => [...scopes.values()]),
        ];
        for (const list of lists) expect(list.length).toBeGreaterThan(0);
        const plain: unknown = JSON.parse(text);
        expect(Object.keys(Object(plain)).sort()).toEqual(
          found.transports.size > 0 || text.includes('"transports"')
            ? ['default', 'transports']
            : ['default'],
        );
      } catch (error) {
        if (!(error instanceof LadingError)) throw error;
        expect(error.message).toContain('/p');
      }
    }),
    { numRuns: 100_000 },
  );
});

it('any JSON is read as JSON.parse reads it, or refused', { timeout: 60_000 }, () => {
  const plain = (value: StrictJson): unknown => {
    if (value instanceof Map)
      return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
    return Array.isArray(value) ? value.map(plain) : value;
  };
  fc.assert(
    fc.property(fc.oneof(json, fc.json({ maxDepth: 3 }), fc.string({ maxLength: 6 })), (raw) => {
      // What is read is UTF-8, which holds no half of a surrogate pair.
      const text = raw.toWellFormed();
      let found: StrictJson;
      try {
        found = parseStrictJson(text, 'it');
      } catch (error) {
        if (!(error instanceof LadingError)) throw error;
        return;
      }
      // What was refused by the one and taken by the other would be a way around.
      expect(JSON.stringify(plain(found)).toWellFormed()).toBe(
        JSON.stringify(reviveWellFormed(JSON.parse(text))),
      );
    }),
    { numRuns: 100_000 },
  );
});

function reviveWellFormed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === 'string' ? inner.toWellFormed() : inner,
  );
}

it('any text is a file of registries.d or an error that names the file', { timeout: 120_000 }, async () => {
  const piece = fc.constantFrom(
    ...[
      'docker:',
      'default-docker:',
      ' a.net:',
      '  lookaside: file:///a',
      '\n',
      ' ',
      '&a',
      '*a',
      '!!js/function',
      '{',
      '}',
      '[',
      ']',
    ],
    ...[
      '"',
      "'",
      '? ',
      '- ',
      '|',
      '>',
      '%YAML 1.1',
      '---',
      '...',
      '<<: *a',
      '__proto__: {}',
      '\t',
      '#',
      ': ',
    ],
  );
  const yaml = fc.oneof(
    fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('\n')),
    fc.string({ maxLength: 20 }),
  );
  await fc.assert(
    fc.asyncProperty(yaml, async (text) => {
      try {
        const found = await parseSignatureStorages(text, '/r.yaml');
        for (const storage of found.docker.values()) {
          expect(Object.keys(storage)).toEqual(['lookaside', 'lookasideStaging', 'useSigstoreAttachments']);
        }
      } catch (error) {
        if (!(error instanceof LadingError)) throw error;
        expect(error.message).toContain('/r.yaml');
      }
    }),
    { numRuns: 100_000 },
  );
});
