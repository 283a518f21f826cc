// SPDX-License-Identifier: Apache-2.0
import { createPublicKey } from 'node:crypto';
import { LadingError } from '@lading/errors';
import { expect, it, vi } from 'vitest';
import { generateSigstoreKey, readSigstorePrivateKey } from './sigstore-private-key.ts';

// Its derivation is meant to take a while.
vi.setConfig({ testTimeout: 60_000 });

const pair = await generateSigstoreKey('påss');
const type = 'ENCRYPTED COSIGN PRIVATE KEY';
const pem = (json: string): string =>
  `-----BEGIN ${type}-----\n${Buffer.from(json).toString('base64')}\n-----END ${type}-----\n`;
const plain = Buffer.from(pair.privateKey.replaceAll(/-----.*-----|\s/g, ''), 'base64').toString();

async function why(text: string, passphrase = 'påss'): Promise<string | undefined> {
  return readSigstorePrivateKey(Buffer.from(text), passphrase).then(
    () => 'read',
    (error) => LadingError.from(error).message,
  );
}

it('a key that was made is read with its passphrase, under either name, and is that of the public key', async () => {
  const key = await readSigstorePrivateKey(Buffer.from(pair.privateKey), 'påss');
  expect(createPublicKey(key).export({ type: 'spki', format: 'pem' })).toBe(pair.publicKey);
  expect(await why(pair.privateKey.replaceAll('COSIGN', 'SIGSTORE'))).toBe('read');
  expect(await why(`\n${pair.privateKey}\n`)).toBe('read');
  expect(pair.privateKey.split('\n').every((line) => line.length <= 64)).toBe(true);
});

it('no key is made twice', async () => {
  const again = await generateSigstoreKey('påss');
  expect(again.publicKey).not.toBe(pair.publicKey);
  expect(again.privateKey).not.toBe(pair.privateKey);
});

it.each([
  ['another passphrase', pair.privateKey, 'pass', /passphrase is wrong/],
  ['no passphrase', pair.privateKey, '', /passphrase is wrong/],
  ['a public key', pair.publicKey, 'påss', /it is no ENCRYPTED/],
  ['nothing', '', 'påss', /it is no ENCRYPTED/],
  ['no base64', pair.privateKey.replace(/\n./, '\n!'), 'påss', /it is no ENCRYPTED/],
  ['no JSON', pem('{'), 'påss', /JSON/],
  ['another cipher', pem(plain.replace('nacl/secretbox', 'aes')), 'påss', /unknown way/],
  ['another derivation', pem(plain.replace('scrypt', 'pbkdf2')), 'påss', /unknown way/],
  ['a derivation of 8 GiB', pem(plain.replace('65536', '8388608')), 'påss', /too much/],
  ['a derivation that takes for ever', pem(plain.replace('"p":1', '"p":1000000')), 'påss', /too much/],
  ['no derivation', pem(plain.replace('65536', '1')), 'påss', /too little/],
  ['a derivation that is none', pem(plain.replace('65536', '65535')), 'påss', /too little/],
  ['a short nonce', pem(plain.replace(/"nonce":"[^"]*"/, '"nonce":"YWJj"')), 'påss', /nonce/],
  ['no ciphertext', pem(plain.replace(/"ciphertext":"[^"]*"/, '"ciphertext":""')), 'påss', /wrong/],
])('%s is refused, and no secret is told', async (_, text, passphrase, message) => {
  const said = await why(text, passphrase);
  expect(said).toMatch(message);
  expect(said).not.toContain('påss');
});
