// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { type Certificate, readCertificates } from './certificate.ts';
import { certificateRejected, verifyChain } from './certificate-chain.ts';
import { emailsOf, fulcioIssuerOf } from './certificate-extensions.ts';

/** A certificate as it came with a signature. */
export interface UntrustedCertificate {
  readonly leaf: Certificate;
  /** Those above it. */
  readonly chain: readonly Certificate[];
}

/** Reads the certificate and the chain above it from the annotations of a signature. */
export function readUntrusted(certificate: string, chain: string | undefined): UntrustedCertificate {
  const [leaf, ...more] = readCertificates(certificate, 'the certificate of the signature');
  if (leaf === undefined || more.length > 0) throw certificateRejected('there are several');
  const above = chain ? readCertificates(chain, 'the chain of the signature') : [];
  // The last is the root, which a policy knows of itself.
  return { leaf, chain: above.slice(0, -1) };
}

/** Certificates by Fulcio for one person. */
export interface FulcioRoots {
  readonly roots: readonly Certificate[];
  readonly oidcIssuer: string;
  readonly subjectEmail: string;
}

/** The key of a certificate that Fulcio made for that person, which was valid when the log recorded the signature. */
export function verifyFulcio(
  { leaf, chain }: UntrustedCertificate,
  { roots, oidcIssuer, subjectEmail }: FulcioRoots,
  at: Date,
): KeyObject {
  verifyChain(leaf, { roots, intermediates: chain, at });
  const issuer = fulcioIssuerOf(leaf);
  if (issuer !== oidcIssuer) throw certificateRejected(`its issuer is ${quoted(issuer)}`);
  const emails = emailsOf(leaf);
  if (!emails.includes(subjectEmail)) throw certificateRejected(`it is for ${emails.map(quoted).join(', ')}`);
  return leaf.x509.publicKey;
}

/** Certificates of an authority of one's own. */
export interface PkiRoots {
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly subjectEmail: string | undefined;
  readonly subjectHostname: string | undefined;
}

/** The key of a certificate of that authority, which must be valid now. */
export function verifyPki(
  { leaf, chain }: UntrustedCertificate,
  { roots, intermediates, subjectEmail, subjectHostname }: PkiRoots,
): KeyObject {
  verifyChain(leaf, { roots, intermediates: [...intermediates, ...chain], at: new Date() });
  if (subjectEmail !== undefined) {
    const emails = emailsOf(leaf);
    if (!emails.includes(subjectEmail))
      throw certificateRejected(`it is for ${emails.map(quoted).join(', ')}`);
  }
  if (subjectHostname !== undefined && !isForHost(leaf, subjectHostname)) {
    throw certificateRejected(`it is not for the host ${quoted(subjectHostname)}`);
  }
  return leaf.x509.publicKey;
}

function isForHost({ x509 }: Certificate, host: string): boolean {
  if (isIP(host) !== 0) return x509.checkIP(host) !== undefined;
  return x509.checkHost(host, { subject: 'never', partialWildcards: false }) !== undefined;
}

/** Anyone may put anything into a certificate. */
function quoted(text: string | undefined): string {
  return JSON.stringify(text ?? '')
    .slice(0, 200)
    .replaceAll(/[^\x20-\x7e]/g, '?');
}
