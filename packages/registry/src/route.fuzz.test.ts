// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isName } from './names.ts';
import { findRoute } from './route.ts';

const timeout = 60_000;
const word = fc.constantFrom(
  ...[
    'a',
    'blobs',
    'uploads',
    'manifests',
    'tags',
    'list',
    'referrers',
    '',
    '..',
    'v1',
    '_layout',
    'sha256:x',
  ],
);
const path = fc.oneof(
  fc.array(word, { maxLength: 8 }).map((words) => words.join('/')),
  fc.string({ unit: 'binary' }),
);

it('a path has a route only if name, end point and reference make it up again', { timeout }, () => {
  fc.assert(
    fc.property(path, (text) => {
      const found = findRoute(text);
      if (found === undefined) return;
      const { name, last } = found;
      const middle = text.slice(name.length, text.length - last.length);
      expect(text).toBe(`${name}${middle}${last}`);
      expect([
        '/blobs/uploads',
        '/blobs/uploads/',
        '/blobs/',
        '/manifests/',
        '/tags/',
        '/referrers/',
      ]).toContain(middle);
    }),
    { numRuns: 100_000 },
  );
});

it('a name never leads out of its folder', { timeout }, () => {
  fc.assert(
    fc.property(path, (text) => {
      if (!isName(text)) return;
      expect(text).toMatch(/^[a-z0-9][a-z0-9._/-]*$/);
      for (const component of text.split('/')) expect(component).toMatch(/^[a-z0-9].*$/);
    }),
    { numRuns: 100_000 },
  );
});
