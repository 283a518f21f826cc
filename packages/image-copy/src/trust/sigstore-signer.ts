// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { type FulcioCertificate, type FulcioIdentity, requestCertificate } from './fulcio-certificate.ts';
import type { ImageSigner } from './image-signer.ts';
import { formatPayload } from './payload.ts';
import { keyBytes } from './rekor-entry.ts';
import { recordInLog } from './rekor-upload.ts';
import { readSigstorePrivateKey } from './sigstore-private-key.ts';
import type { ServiceOptions } from './sigstore-service.ts';
import { sigstoreAnnotation, sigstoreType } from './sigstore-types.ts';

/** Options of {@link createSigstoreSigner}: what signs, and the log that is to record it. */
export type SigstoreSignerOptions = SigstoreLogOptions & (SigstoreKeyOptions | SigstoreFulcioOptions);

/** Signs with a key of one's own. */
export interface SigstoreKeyOptions {
  /** In PEM, as cosign, skopeo and `generateSigstoreKey` write it. */
  readonly privateKey: Uint8Array;
  readonly passphrase: string;
}

/** Signs with a key for this once, which Fulcio certifies to be of the person that a token is about. */
export interface SigstoreFulcioOptions {
  readonly fulcio: FulcioIdentity;
}

/** The transparency log. */
export interface SigstoreLogOptions extends ServiceOptions {
  /** `https://rekor.example.com`. Needed with Fulcio, whose certificates say nothing without a time. Default: none. */
  readonly rekorUrl?: string | undefined;
}

/** What signs, and what tells others of it. */
interface SigningKey {
  readonly privateKey: KeyObject;
  /** The public key or certificate. */
  readonly verifier: Uint8Array;
  readonly verifierPem: string;
  readonly annotations: readonly (readonly [string, string])[];
}

/**
 * Signs for sigstore, in the form that cosign keeps under the tag of a digest. A certificate of Fulcio is asked for at
 * once, so that a token that is not taken stops everything, and again when it has expired before the last signature.
 *
 * @throws InvalidArgument (`KEY_INVALID`, `TOKEN_INVALID`) for a key or token that cannot be read; PermissionDenied
 * (`PASSPHRASE_WRONG`); what Fulcio and Rekor answer (`SIGNING_FAILED`); Unavailable
 */
export async function createSigstoreSigner(options: SigstoreSignerOptions): Promise<ImageSigner> {
  const { rekorUrl, transport } = options;
  const keyAt = await signingKeys(options);
  return {
    kind: 'sigstore',
    async sign(claim, { signal } = {}) {
      const service = { transport, signal };
      const { privateKey, verifier, verifierPem, annotations } = await keyAt(new Date(), service);
      const payload = formatPayload(claim, 'sigstore');
      const signature = sign(
        privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256',
        payload,
        privateKey,
      );
      const found = new Map([[sigstoreAnnotation.signature, signature.toString('base64')], ...annotations]);
      if (rekorUrl !== undefined) {
        const entry = await recordInLog(rekorUrl, { signature, payload, verifier, verifierPem }, service);
        found.set(sigstoreAnnotation.bundle, entry);
      }
      return { kind: 'sigstore', mimeType: sigstoreType, payload, annotations: found };
    },
  };
}

type KeyAt = (time: Date, service: ServiceOptions) => Promise<SigningKey>;

async function signingKeys(options: SigstoreSignerOptions): Promise<KeyAt> {
  if ('privateKey' in options) {
    const privateKey = await readSigstorePrivateKey(options.privateKey, options.passphrase);
    const publicKey = createPublicKey(privateKey);
    const verifierPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const key = { privateKey, verifier: keyBytes(publicKey), verifierPem, annotations: [] };
    return async () => key;
  }
  const { fulcio, rekorUrl, transport, signal } = options;
  if (rekorUrl === undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      'a certificate of Fulcio is good for minutes: name the log that is to record the signature (rekorURL)',
    );
  }
  let current = await requestCertificate(fulcio, { transport, signal });
  return async (time, service) => {
    if (Date.parse(current.leaf.x509.validTo) <= time.getTime()) {
      current = await requestCertificate(fulcio, service);
    }
    return keyOf(current);
  };
}

function keyOf({ privateKey, leaf, certificate, chain }: FulcioCertificate): SigningKey {
  return {
    privateKey,
    verifier: leaf.x509.raw,
    verifierPem: certificate,
    annotations: [
      [sigstoreAnnotation.certificate, certificate],
      ...(chain === undefined ? [] : ([[sigstoreAnnotation.chain, chain]] as const)),
    ],
  };
}
