// SPDX-License-Identifier: Apache-2.0
import { sign } from 'node:crypto';
import type { ImageSigner } from './image-signer.ts';
import { formatPayload } from './payload.ts';
import { readSigstorePrivateKey } from './sigstore-private-key.ts';
import { sigstoreAnnotation, sigstoreType } from './sigstore-types.ts';

/** Options of {@link createSigstoreSigner}. */
export interface SigstoreSignerOptions {
  /** In PEM, as cosign, skopeo and `generateSigstoreKey` write it. */
  readonly privateKey: Uint8Array;
  readonly passphrase: string;
}

/**
 * Signs with a private key for sigstore.
 *
 * @throws InvalidArgument (`KEY_INVALID`) for a key that cannot be read; PermissionDenied (`PASSPHRASE_WRONG`)
 */
export async function createSigstoreSigner({
  privateKey,
  passphrase,
}: SigstoreSignerOptions): Promise<ImageSigner> {
  const key = await readSigstorePrivateKey(privateKey, passphrase);
  return {
    kind: 'sigstore',
    async sign(claim) {
      const payload = formatPayload(claim, 'sigstore');
      const signature = sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', payload, key);
      return {
        kind: 'sigstore',
        mimeType: sigstoreType,
        payload,
        annotations: new Map([[sigstoreAnnotation.signature, signature.toString('base64')]]),
      };
    },
  };
}
