// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Digest,
  digestAlgorithm,
  digestBytes,
  formatReference,
  parseFamiliarReference,
} from '@lading/image-spec';
import { openSimpleSignature, readOpenPgpKeys } from './open-pgp.ts';
import { parsePayload } from './payload.ts';

/** What a simple signature is to be of. */
export interface VerifySimpleOptions {
  readonly manifest: Uint8Array;
  /** The name that the signature is to give to the image. */
  readonly dockerReference: string;
  /** As `gpg --export` and `exportGpgKeys` give them. */
  readonly publicKeys: Uint8Array;
  /** Those of the keys that are trusted, in capital letters. Default: all of them. */
  readonly fingerprints?: readonly string[] | undefined;
}

/** A signature that holds. */
export interface VerifiedSignature {
  readonly digest: Digest;
  readonly fingerprint: string;
}

/**
 * Verifies one simple signature by itself, without a policy.
 *
 * @throws PermissionDenied (`SIGNATURE_REJECTED`) saying why; InvalidArgument for keys or a text that cannot be read
 */
export async function verifySimpleSignature(
  signature: Uint8Array,
  { manifest, dockerReference, publicKeys, fingerprints }: VerifySimpleOptions,
): Promise<VerifiedSignature> {
  const expected = formatReference(parseFamiliarReference(dockerReference));
  const opened = await openSimpleSignature(signature, await readOpenPgpKeys([publicKeys]));
  const signers = [opened.fingerprint, opened.primaryFingerprint];
  const fingerprint =
    fingerprints === undefined
      ? opened.primaryFingerprint
      : signers.find((one) => fingerprints.includes(one));
  if (fingerprint === undefined)
    throw rejected(`the key ${opened.fingerprint} is not among the trusted ones`);
  const claim = parsePayload(opened.data, 'simple');
  const algorithm = digestAlgorithm(claim.digest) === 'sha512' ? 'sha512' : 'sha256';
  if ((await digestBytes(manifest, algorithm)) !== claim.digest) throw rejected(`it is for ${claim.digest}`);
  if (formatted(claim.dockerReference) !== expected) {
    throw rejected(`it is for ${JSON.stringify(claim.dockerReference.slice(0, 200))}, not for ${expected}`);
  }
  return { digest: claim.digest, fingerprint };
}

function formatted(text: string): string | undefined {
  try {
    return formatReference(parseFamiliarReference(text));
  } catch (error) {
    if (error instanceof LadingError) return undefined;
    throw error;
  }
}

function rejected(why: string): LadingError {
  return new LadingError(Code.PermissionDenied, `the signature is not accepted: ${why}`, {
    reason: 'SIGNATURE_REJECTED',
  });
}
