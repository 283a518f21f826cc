// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { readKeyFile, readPasswords } from './key-files.ts';
import { keyAlgorithms } from './wrapped-key.ts';

/** Whom layers are encrypted for. */
export interface EncryptionKey {
  readonly key: KeyObject;
  /** How the key of a layer is wrapped (RFC 7518, 4.1). */
  readonly algorithm: string;
}

/** What layers are decrypted with. */
export interface DecryptionKey {
  readonly key: KeyObject;
}

export interface ReadKeyOptions {
  /** Where relative paths start. Default: the folder of this process. */
  readonly cwd?: string | undefined;
}

/** Ways to wrap keys that only other tools have. */
const others = new Set(['pgp', 'pkcs7', 'pkcs11', 'provider']);

/**
 * Reads what `--encryption-key` names: `jwe:FILE`, with a public key in PEM, DER or as a JSON Web Key.
 *
 * @throws InvalidArgument for another form and for what is no public key; Unimplemented (`UNSUPPORTED`) for the
 * other protocols of ocicrypt; NotFound
 */
export async function readEncryptionKey(text: string, { cwd }: ReadKeyOptions = {}): Promise<EncryptionKey> {
  const [, protocol = '', path = ''] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (others.has(protocol)) throw unsupported(`encryption for ${protocol}:`);
  if (protocol !== 'jwe' || path === '') {
    throw new LadingError(Code.InvalidArgument, 'an encryption key is written jwe:FILE');
  }
  const bytes = await readKeyFile(path, cwd ?? process.cwd());
  if (isPkcs11(bytes)) throw unsupported('encryption for a key on a token (PKCS #11)');
  const jwk = parseJwk(bytes);
  const key = firstOf([
    () => createPublicKey({ key: bytes, format: 'der', type: 'spki' }),
    // Of a private key in PEM the public one would be taken, too; it is more likely that files were confused.
    () => createPublicKey({ key: onlyPublic(bytes), format: 'pem' }),
    () => createPublicKey({ key: publicJwk(jwk), format: 'jwk' }),
  ]);
  if (key === undefined) throw new LadingError(Code.InvalidArgument, `${path} holds no public key`);
  const named = jwk?.alg;
  if (typeof named === 'string') {
    if (!keyAlgorithms.includes(named)) throw unsupported(`the algorithm of the key ${path}`);
    return { key, algorithm: named };
  }
  if (key.asymmetricKeyType === 'rsa') return { key, algorithm: 'RSA-OAEP' };
  if (key.asymmetricKeyType === 'ec') return { key, algorithm: 'ECDH-ES+A256KW' };
  throw unsupported(`a key of the kind ${key.asymmetricKeyType} (${path})`);
}

/**
 * Reads what `--decryption-key` names: `FILE`, `FILE:PASSWORD`, `FILE:pass=PASSWORD`, `FILE:file=PASSWORDFILE` or
 * `FILE:fd=NUMBER`, with a private key in PEM, DER or as a JSON Web Key.
 *
 * @throws InvalidArgument for what is no private key; Unauthenticated for a missing or wrong password; Unimplemented
 * (`UNSUPPORTED`) for a key provider or a key on a token; NotFound
 */
export async function readDecryptionKey(text: string, { cwd }: ReadKeyOptions = {}): Promise<DecryptionKey> {
  if (text.startsWith('provider:')) throw unsupported('decryption by a key provider');
  const [path = '', secret, ...more] = text.split(':');
  if (path === '' || more.length > 0) {
    throw new LadingError(Code.InvalidArgument, 'a decryption key is written FILE or FILE:PASSWORD');
  }
  const folder = cwd ?? process.cwd();
  const passphrases = secret === undefined ? [] : await readPasswords(secret, folder);
  const bytes = await readKeyFile(path, folder);
  if (isPkcs11(bytes)) throw unsupported('decryption with a key on a token (PKCS #11)');
  const pem = bytes.toString('latin1');
  if (/^(?:Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED PRIVATE KEY-----)/m.test(pem)) {
    const key = firstOf(
      passphrases.map((passphrase) => () => createPrivateKey({ key: bytes, format: 'pem', passphrase })),
    );
    if (key !== undefined) return { key };
    const what = secret === undefined ? 'needs a password' : 'has another password';
    throw new LadingError(Code.Unauthenticated, `the key ${path} ${what}: write FILE:file=PASSWORDFILE`);
  }
  const jwk = parseJwk(bytes);
  const key = firstOf([
    () => createPrivateKey({ key: bytes, format: 'pem' }),
    () => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }),
    () => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs1' }),
    () => createPrivateKey({ key: bytes, format: 'der', type: 'sec1' }),
    () => createPrivateKey({ key: jwk ?? {}, format: 'jwk' }),
  ]);
  if (key !== undefined) return { key };
  throw new LadingError(Code.InvalidArgument, `${path} holds no private key of those that JWE knows`);
}

function firstOf(attempts: readonly (() => KeyObject)[]): KeyObject | undefined {
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch {
      // Another form, or none: what is wrong with each would help nobody.
    }
  }
  return undefined;
}

function onlyPublic(bytes: Buffer): Buffer {
  if (bytes.includes('-----BEGIN PUBLIC KEY-----')) return bytes;
  throw new LadingError(Code.InvalidArgument, 'no public key');
}

function publicJwk(jwk: JsonWebKey | undefined): JsonWebKey {
  if (jwk !== undefined && jwk.d === undefined) return jwk;
  throw new LadingError(Code.InvalidArgument, 'no public key');
}

type JsonWebKey = Record<string, unknown>;

function parseJwk(bytes: Buffer): JsonWebKey | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isPkcs11(bytes: Buffer): boolean {
  return /^\s*(?:pkcs11:|uri:\s*pkcs11:)/m.test(bytes.toString('latin1', 0, 4096));
}

function unsupported(what: string): LadingError {
  return new LadingError(Code.Unimplemented, `${what} is not supported; keys for jwe: are`, {
    reason: 'UNSUPPORTED',
  });
}
