// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadSigningParameters } from './signing-parameters.ts';

let path: string;
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'lading-parameters-')), 'params.yaml');
});
afterAll(() => rm(join(path, '..'), { recursive: true }));

async function load(text: string) {
  await writeFile(path, text);
  return loadSigningParameters(path);
}

it('a file with every key is read', async () => {
  const text = `
privateKeyFile: /k
privateKeyPassphraseFile: /p
rekorURL: https://rekor.example.com
fulcio:
  fulcioURL: https://fulcio.example.com
  oidcMode: staticToken
  oidcIDToken: t
  oidcIssuerURL: https://login.example.com
  oidcClientID: id
  oidcClientSecret: s
`;
  expect(await load(text)).toEqual({
    privateKeyFile: '/k',
    privateKeyPassphraseFile: '/p',
    rekorUrl: 'https://rekor.example.com',
    fulcio: {
      fulcioUrl: 'https://fulcio.example.com',
      oidcMode: 'staticToken',
      oidcIdToken: 't',
      oidcIssuerUrl: 'https://login.example.com',
      oidcClientId: 'id',
      oidcClientSecret: 's',
    },
  });
});

it('what is empty counts as left out', async () => {
  expect(await load('privateKeyFile: ""\nfulcio:\n')).toEqual({
    privateKeyFile: undefined,
    privateKeyPassphraseFile: undefined,
    rekorUrl: undefined,
    fulcio: undefined,
  });
});

it.each([
  ['a slip in a key', 'privateKey: /k', /unknown key "privateKey"/],
  ['a slip in a key of fulcio', 'fulcio: { url: x }', /fulcio: unknown key "url"/],
  ['a key twice', 'rekorURL: a\nrekorURL: b', /not YAML/],
  ['a list', '- a', /expected a mapping/],
  ['nothing', '', /expected a mapping/],
  ['a number for a path', 'privateKeyFile: 7', /privateKeyFile: expected a string/],
  ['no YAML', '{', /not YAML/],
  ['an alias', 'a: &a x\nprivateKeyFile: *a', /alias|unknown key/],
])('%s is an error that names the file', async (_, text, message) => {
  const error = await load(text).catch((error: unknown) => error);
  expect(String(error)).toMatch(message);
  expect(String(error)).toContain(path);
});

it('a file that is not there is an error', async () => {
  await expect(loadSigningParameters('/nowhere/x')).rejects.toThrow(/no signing parameters at \/nowhere\/x/);
});
