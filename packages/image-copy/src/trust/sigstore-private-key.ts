// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { parseStrictJson, type StrictJson } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { decodeBase64 } from './base64.ts';
import { member } from './strict-member.ts';

/** A key pair in PEM. */
export interface SigstoreKeyPair {
  /** For signers, encrypted. */
  readonly privateKey: string;
  /** For policies, as `keyPath`. */
  readonly publicKey: string;
}

interface ScryptParameters {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What cosign writes. */
const standard: ScryptParameters = { N: 65_536, r: 8, p: 1 };
/** As much memory as a key may ask for; a key from elsewhere is not to take all. */
const maxMemoryBytes = 512 * 1024 * 1024;

const pemPattern =
  /^-----BEGIN ENCRYPTED (?:COSIGN|SIGSTORE) PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END ENCRYPTED (?:COSIGN|SIGSTORE) PRIVATE KEY-----\s*$/;

/**
 * Makes a key pair for sigstore signatures: ECDSA on P-256, the private key encrypted as cosign does it.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export async function generateSigstoreKey(passphrase: string): Promise<SigstoreKeyPair> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encrypted = await encrypt(privateKey.export({ type: 'pkcs8', format: 'der' }), passphrase);
  // Cosign before 2.1 knows no other name.
  const type = 'ENCRYPTED COSIGN PRIVATE KEY';
  const lines = encrypted.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    privateKey: `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/**
 * Reads a private key that cosign, skopeo or `generateSigstoreKey` wrote.
 *
 * @throws InvalidArgument (`KEY_INVALID`) for anything else; PermissionDenied (`PASSPHRASE_WRONG`)
 */
export async function readSigstorePrivateKey(pem: Uint8Array, passphrase: string): Promise<KeyObject> {
  const [, base64] = pemPattern.exec(Buffer.from(pem).toString('latin1').trim()) ?? [];
  if (base64 === undefined) {
    throw fault('it is no ENCRYPTED COSIGN PRIVATE KEY or ENCRYPTED SIGSTORE PRIVATE KEY in PEM');
  }
  const der = await decrypt(
    parseEncrypted(decodeBase64(base64.replaceAll(/\s/g, ''), 'the key')),
    passphrase,
  );
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  } catch {
    // The answer is below.
  }
  if (key === undefined || !['ec', 'rsa', 'ed25519'].includes(key.asymmetricKeyType ?? '')) {
    throw fault('it holds no ECDSA, RSA or Ed25519 key');
  }
  return key;
}

interface Encrypted {
  readonly parameters: ScryptParameters;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

function parseEncrypted(bytes: Uint8Array): Encrypted {
  const top = parseStrictJson(Buffer.from(bytes).toString(), 'the private key');
  const [kdf, cipher] = [member(top, 'kdf'), member(top, 'cipher')];
  if (member(kdf, 'name') !== 'scrypt' || member(cipher, 'name') !== 'nacl/secretbox') {
    throw fault('it is encrypted in an unknown way');
  }
  const parameter = (name: string): number => {
    const value = member(member(kdf, 'params'), name);
    return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : 0;
  };
  const [N, r, p] = [parameter('N'), parameter('r'), parameter('p')];
  if (N < 2 || (N & (N - 1)) !== 0 || r === 0 || p === 0 || 128 * N * r > maxMemoryBytes || p > 16) {
    throw fault('its key derivation asks for too much or too little');
  }
  const data = (value: StrictJson | undefined, name: string): Uint8Array =>
    decodeBase64(typeof value === 'string' ? value : '', `${name} of the private key`);
  const nonce = data(member(cipher, 'nonce'), 'the nonce');
  if (nonce.length !== 24) throw fault('its nonce is not 24 bytes');
  return {
    parameters: { N, r, p },
    salt: data(member(kdf, 'salt'), 'the salt'),
    nonce,
    ciphertext: data(member(top, 'ciphertext'), 'the ciphertext'),
  };
}

function derivedKey(passphrase: string, salt: Uint8Array, parameters: ScryptParameters): Promise<Buffer> {
  // Here and not once for all: to name what `node:crypto` has loads it, which costs every command as much as all else.
  const derive = promisify<string, Uint8Array, number, ScryptParameters & { maxmem: number }, Buffer>(scrypt);
  return derive(passphrase, salt, 32, { ...parameters, maxmem: maxMemoryBytes + 1024 * 1024 });
}

async function decrypt(
  { parameters, salt, nonce, ciphertext }: Encrypted,
  passphrase: string,
): Promise<Uint8Array> {
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  const key = await derivedKey(passphrase, salt, parameters);
  try {
    return xsalsa20poly1305(key, nonce).decrypt(ciphertext);
  } catch {
    throw new LadingError(
      Code.PermissionDenied,
      'the private key cannot be decrypted: the passphrase is wrong',
      {
        reason: 'PASSPHRASE_WRONG',
      },
    );
  }
}

async function encrypt(der: Uint8Array, passphrase: string): Promise<Buffer> {
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  const [salt, nonce] = [randomBytes(32), randomBytes(24)];
  const key = await derivedKey(passphrase, salt, standard);
  const ciphertext = xsalsa20poly1305(key, nonce).encrypt(der);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return Buffer.from(
    JSON.stringify({
      kdf: { name: 'scrypt', params: standard, salt: base64(salt) },
      cipher: { name: 'nacl/secretbox', nonce: base64(nonce) },
      ciphertext: base64(ciphertext),
    }),
  );
}

function fault(why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `the private key cannot be read: ${why}`, {
    reason: 'KEY_INVALID',
  });
}
