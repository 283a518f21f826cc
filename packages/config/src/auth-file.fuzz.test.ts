// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { credentialsOf, encodeAuth, parseAuthFile } from './auth-file.ts';
import { authKeys, checkedKey } from './auth-key.ts';

const name = fc.constantFrom(
  'a.net',
  'a.net:5000',
  'a.net/team/app',
  'docker.io',
  '__proto__',
  'https://a.net/v1/',
  '',
);
const base64 = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((text) => Buffer.from(text).toString('base64'));
const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  base64,
  fc.constantFrom('<token>', 'YTpi', 'YTpi\0\0', '='),
);
const scalar = fc.oneof(text, fc.integer(), fc.constant(null), fc.boolean());
const members = fc.constantFrom('auth', 'identitytoken', 'registrytoken', 'username', 'password', 'email');
const entry = fc.oneof(scalar, fc.dictionary(members, scalar, { maxKeys: 4 }));
const table = fc.oneof(
  { weight: 9, arbitrary: fc.dictionary(name, entry, { maxKeys: 3 }) },
  { weight: 1, arbitrary: scalar },
);
const document = fc
  .dictionary(fc.constantFrom('auths', 'credHelpers', 'credsStore', 'HttpHeaders'), table, { maxKeys: 3 })
  .map((value) => JSON.stringify(value));
/** A file that broke off, or in which a byte was changed. */
const mutated = fc
  .tuple(document, fc.nat(), fc.constantFrom('', '"', '{', '}', '\0', ','))
  .map(
    ([whole, at, put]) =>
      whole.slice(0, at % (whole.length + 1)) + put + whole.slice((at % (whole.length + 1)) + 1),
  );
const input = fc.oneof(
  { weight: 6, arbitrary: document },
  { weight: 3, arbitrary: mutated },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

it('any text is a file of logins or an error that names the file, and what is read can be written', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(input, fc.constantFrom('/x/auth.json', '/x/.dockercfg'), (written, path) => {
      try {
        const file = parseAuthFile(path, written);
        for (const key of Object.keys(file.auths)) {
          const found = credentialsOf(file, key);
          if (found === undefined || !('username' in found)) continue;
          const auth = encodeAuth(found.username, found.password);
          const again = parseAuthFile('/y/auth.json', JSON.stringify({ auths: { 'a.net': { auth } } }));
          // NUL bytes at the end are padding, and a name with a colon was never one of `auth`.
          if (found.username.includes(':') || found.password.endsWith('\0')) continue;
          expect(credentialsOf(again, 'a.net')).toEqual(found);
        }
      } catch (error) {
        if (!(error instanceof LadingError)) throw error;
        expect(error.message.startsWith(`${path}: `)).toBe(true);
      }
    }),
    { numRuns: 100_000 },
  );
});

it('any text is a key or refused, and a key is looked up by whole parts', { timeout: 60_000 }, () => {
  const pieces = fc.array(
    fc.constantFrom('a', 'B', '.', ':', '/', '-', '_', '5000', '[', ']', '::1', ' ', '..', '\n'),
    {
      maxLength: 10,
    },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        pieces.map((parts) => parts.join('')),
        fc.string(),
      ),
      (asked) => {
        let key: string;
        try {
          key = checkedKey(asked);
        } catch (error) {
          if (error instanceof LadingError) return;
          throw error;
        }
        expect(checkedKey(key)).toBe(key);
        const keys = authKeys(key);
        expect(keys[0]).toBe(key);
        for (const other of keys)
          if (key.startsWith(other)) expect(['', '/']).toContain(key.charAt(other.length));
      },
    ),
    { numRuns: 100_000 },
  );
});
