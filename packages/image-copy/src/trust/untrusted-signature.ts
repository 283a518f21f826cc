// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import { signatureLimitBytes } from './image-signature.ts';
import { parsePayloadDetails } from './payload.ts';

/** What a simple signature says of itself: nothing of it is verified, and nothing may be decided by it. */
export interface UntrustedSignature {
  readonly digest: Digest;
  readonly dockerReference: string;
  readonly creator: string | undefined;
  /** Seconds since 1970. */
  readonly timestamp: number | undefined;
  /** 16 hex digits. */
  readonly keyId: string;
}

/**
 * Reads a simple signature without verifying it, to find out why it is not accepted.
 *
 * @throws InvalidArgument (`SIGNATURE_INVALID` or `JSON_INVALID`)
 */
export async function readUntrustedSignature(bytes: Uint8Array): Promise<UntrustedSignature> {
  const { config, readMessage } = await import('openpgp');
  let data: Uint8Array | null = null;
  let keyId = '';
  try {
    if (bytes.length > signatureLimitBytes) throw new Error('too long');
    const limits = { ...config, maxDecompressedMessageSize: signatureLimitBytes };
    const message = await readMessage({ binaryMessage: bytes, config: limits });
    const [signer] = message.getSigningKeyIDs();
    data = message.getLiteralData();
    keyId = signer?.toHex().toUpperCase() ?? '';
  } catch {
    // The answer is below.
  }
  if (data === null || keyId === '') {
    throw new LadingError(Code.InvalidArgument, 'it is no text that is signed with OpenPGP', {
      reason: 'SIGNATURE_INVALID',
    });
  }
  return { ...parsePayloadDetails(data, 'simple'), keyId };
}
