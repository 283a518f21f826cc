// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { decodeBase64 } from './base64.ts';

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

/** Whether one of the keys made this signature, in base64, of the payload. */
export function isSignedBy(keys: readonly KeyObject[], payload: Uint8Array, signature: string): boolean {
  const bytes = decodeBase64(signature, 'the signature');
  return keys.some((key) =>
    verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', payload, key, bytes),
  );
}
