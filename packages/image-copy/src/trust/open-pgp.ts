// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Key } from 'openpgp';
import { signatureLimitBytes } from './image-signature.ts';

/**
 * Reads public keys as `gpg --export` writes them, bare or armored, any number of them.
 *
 * @throws InvalidArgument when there is none
 */
export async function readOpenPgpKeys(files: readonly Uint8Array[]): Promise<readonly Key[]> {
  const { readKeys } = await import('openpgp');
  const keys: Key[] = [];
  for (const bytes of files) {
    const text = Buffer.from(bytes).toString('latin1');
    const blocks = text.match(
      /-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g,
    );
    try {
      if (blocks === null) keys.push(...(await readKeys({ binaryKeys: bytes })));
      else for (const armoredKeys of blocks) keys.push(...(await readKeys({ armoredKeys })));
    } catch {
      throw new LadingError(Code.InvalidArgument, 'a key file holds no OpenPGP public key', {
        reason: 'KEY_INVALID',
      });
    }
  }
  if (keys.length === 0) throw rejected('there is no public key');
  return keys;
}

/** What was signed, and by whom: fingerprints in capital letters. */
export interface OpenedSignature {
  readonly data: Uint8Array;
  /** Of the key that signed, which may be a subkey. */
  readonly fingerprint: string;
  readonly primaryFingerprint: string;
}

/**
 * What was signed, after exactly one signature of one of the keys has been verified. The key must be good now, not
 * only when it signed: whoever has an expired or revoked key can set the clock back.
 *
 * @throws PermissionDenied (`SIGNATURE_REJECTED`)
 */
export async function openSimpleSignature(bytes: Uint8Array, keys: readonly Key[]): Promise<OpenedSignature> {
  const { config, readMessage, verify } = await import('openpgp');
  if (bytes.length > signatureLimitBytes) throw rejected('it is too long');
  const limits = { ...config, maxDecompressedMessageSize: signatureLimitBytes };
  try {
    const message = await readMessage({ binaryMessage: bytes, config: limits });
    const { data, signatures } = await verify({
      message,
      verificationKeys: [...keys],
      format: 'binary',
      config: limits,
    });
    const [signature] = signatures;
    if (signature === undefined || signatures.length !== 1) {
      throw rejected(`it holds ${signatures.length} signatures, not one`);
    }
    await signature.verified;
    const key = keys.find((candidate) => candidate.getKeys(signature.keyID).length > 0);
    const [signer] = key?.getKeys(signature.keyID) ?? [];
    if (key === undefined || signer === undefined) throw rejected('the key is not trusted');
    const now = new Date();
    await key.verifyPrimaryKey(now);
    await key.getSigningKey(signature.keyID, now);
    if (!(data instanceof Uint8Array)) throw rejected('it holds no bytes');
    return {
      data,
      fingerprint: signer.getFingerprint().toUpperCase(),
      primaryFingerprint: key.getFingerprint().toUpperCase(),
    };
  } catch (error) {
    if (error instanceof LadingError) throw error;
    // What the library says may hold text of the signature.
    throw rejected(
      /expired|revoked/i.test(String(error))
        ? 'the key has expired or was revoked'
        : 'no trusted key made it',
    );
  }
}

function rejected(why: string): LadingError {
  return new LadingError(Code.PermissionDenied, `the signature is not accepted: ${why}`, {
    reason: 'SIGNATURE_REJECTED',
  });
}
