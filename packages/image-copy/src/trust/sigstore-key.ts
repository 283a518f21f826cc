// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';

/**
 * Reads a public key in PEM: ECDSA, RSA or Ed25519.
 *
 * @throws InvalidArgument (`KEY_INVALID`), also for a private key, which Node would take
 */
export function readPublicKey(bytes: Uint8Array): KeyObject {
  const text = Buffer.from(bytes).toString('latin1').trim();
  let key: KeyObject | undefined;
  try {
    if (/^-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(text)) key = createPublicKey(text);
  } catch {
    // The answer is below.
  }
  if (key === undefined || !['ec', 'rsa', 'ed25519'].includes(key.asymmetricKeyType ?? '')) {
    throw new LadingError(
      Code.InvalidArgument,
      'a key file holds no ECDSA, RSA or Ed25519 public key in PEM',
      {
        reason: 'KEY_INVALID',
      },
    );
  }
  return key;
}

/** Whether one of the keys made this signature of the payload. */
export function isSignedBy(keys: readonly KeyObject[], payload: Uint8Array, signature: Uint8Array): boolean {
  return keys.some((key) => {
    const { asymmetricKeyType: type } = key;
    // Node would take other kinds, each with rules of its own.
    if (type !== 'ec' && type !== 'rsa' && type !== 'ed25519') return false;
    return verify(type === 'ed25519' ? null : 'sha256', payload, key, signature);
  });
}
