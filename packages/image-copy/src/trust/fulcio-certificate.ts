// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { type Certificate, readCertificates } from './certificate.ts';
import { idTokenSubject } from './id-token.ts';
import { askService, type ServiceOptions, serviceFailure, serviceUrl } from './sigstore-service.ts';

/** Where certificates come from, and who asks for them. */
export interface FulcioIdentity {
  /** `https://fulcio.example.com`. */
  readonly url: string;
  /** An ID token of OpenID Connect that was made for Fulcio. */
  readonly idToken: string;
}

/** A key for a few minutes, with the certificate that says whose it is. */
export interface FulcioCertificate {
  readonly privateKey: KeyObject;
  readonly leaf: Certificate;
  /** In PEM. */
  readonly certificate: string;
  /** Those of the authorities above it, in PEM; undefined where Fulcio sends none. */
  readonly chain: string | undefined;
}

/**
 * Makes a key, and has Fulcio certify it. The key never leaves this process.
 *
 * @throws PermissionDenied or FailedPrecondition (`SIGNING_FAILED`) with what Fulcio says; InvalidArgument for the
 * token; Unavailable
 * @see https://github.com/sigstore/fulcio/blob/v1.7.1/docs/certificate-issuing-overview.md
 */
export async function requestCertificate(
  { url: base, idToken }: FulcioIdentity,
  options: ServiceOptions,
): Promise<FulcioCertificate> {
  const url = serviceUrl(base, '/api/v1/signingCert', 'fulcioURL');
  const subject = idTokenSubject(idToken);
  // What every verifier knows: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = {
    publicKey: {
      content: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      algorithm: 'ecdsa',
    },
    // Proves that who has the token has the key.
    signedEmailAddress: sign('sha256', Buffer.from(subject), privateKey).toString('base64'),
  };
  const answer = await askService(
    {
      service: 'Fulcio',
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${idToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
    options,
  );
  if (answer.status !== 201) throw serviceFailure('Fulcio', url, answer);
  const [leaf, ...above] = readCertificates(answer.text, 'the answer of Fulcio');
  if (leaf === undefined || !leaf.x509.publicKey.equals(publicKey)) {
    throw new LadingError(Code.FailedPrecondition, `Fulcio at ${url.host} certified another key`, {
      reason: 'SIGNING_FAILED',
    });
  }
  const chain = above.map(({ x509 }) => x509.toString()).join('');
  return {
    privateKey,
    leaf,
    certificate: leaf.x509.toString(),
    chain: chain === '' ? undefined : chain,
  };
}
