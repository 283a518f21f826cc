// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Certificate } from './certificate.ts';
import { ExtensionId, isForSignatures, pathLength } from './certificate-extensions.ts';

/** Where a chain of certificates may lead. */
export interface ChainOptions {
  readonly roots: readonly Certificate[];
  /** Nothing is taken from them but the way to a root. */
  readonly intermediates: readonly Certificate[];
  /** When all certificates of the chain must have been valid. */
  readonly at: Date;
}

/** Longer than any chain that authorities make, and fewer steps than keep a reader busy. */
const maxDepth = 8;
const maxSteps = 100;

/** ECDSA, RSA (PKCS 1) with SHA-2, and Ed25519: what no one has forged. */
const signatureAlgorithms: ReadonlySet<string> = new Set([
  ...['1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.4'],
  ...['1.2.840.113549.1.1.11', '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13', '1.3.101.112'],
]);

/** Extensions that are looked at, here or by OpenSSL; any other that is critical is a condition that would be missed. */
const understood: ReadonlySet<string> = new Set([
  ExtensionId.KeyUsage,
  ExtensionId.SubjectAltName,
  ExtensionId.BasicConstraints,
  ExtensionId.ExtendedKeyUsage,
]);

/**
 * Returns if a certificate for signatures is vouched for by a root (RFC 5280, section 6), without name constraints
 * and revocation: a chain that has name constraints is refused.
 *
 * @throws PermissionDenied (`CERTIFICATE_REJECTED`)
 */
export function verifyChain(leaf: Certificate, { roots, intermediates, at }: ChainOptions): void {
  let steps = 0;
  const reasons = new Set<string>();

  function leadsToRoot(certificate: Certificate, below: readonly Certificate[]): boolean {
    const wrong = fault(certificate, below.length, at);
    if (wrong !== undefined) {
      reasons.add(wrong);
      return false;
    }
    if (roots.some((root) => isSame(root, certificate))) return true;
    if (below.length >= maxDepth) return false;
    const path = [...below, certificate];
    for (const parent of [...roots, ...intermediates]) {
      if (path.some((known) => isSame(known, parent))) continue;
      if (!certificate.x509.checkIssued(parent.x509)) continue;
      steps += 1;
      if (steps > maxSteps) return false;
      if (isVouchedFor(certificate, parent) && leadsToRoot(parent, path)) return true;
    }
    return false;
  }

  if (leadsToRoot(leaf, [])) return;
  throw certificateRejected([...reasons][0] ?? 'no trusted authority vouches for it');
}

function isSame(a: Certificate, b: Certificate): boolean {
  return a.x509.raw.equals(b.x509.raw);
}

function isVouchedFor(certificate: Certificate, parent: Certificate): boolean {
  if (!signatureAlgorithms.has(certificate.signatureAlgorithm)) return false;
  try {
    return certificate.x509.verify(parent.x509.publicKey);
  } catch {
    return false;
  }
}

/** @param below how many certificates it vouches for; 0 for the one that signs */
function fault(certificate: Certificate, below: number, at: Date): string | undefined {
  const { x509, extensions } = certificate;
  if (at < x509.validFromDate || at > x509.validToDate) return `it was not valid at ${at.toISOString()}`;
  if (extensions.has(ExtensionId.NameConstraints)) return 'an authority has name constraints';
  for (const [id, { isCritical }] of extensions) {
    if (isCritical && !understood.has(id)) return `the critical extension ${id} is not known`;
  }
  if (!isForSignatures(certificate)) return 'it is not for signatures (code signing)';
  if (below === 0) return undefined;
  if (!x509.ca) return 'a certificate that vouches for it is of no authority';
  const length = pathLength(certificate);
  return length !== undefined && below - 1 > length
    ? 'its chain is longer than an authority allows'
    : undefined;
}

export function certificateRejected(why: string): LadingError {
  return new LadingError(Code.PermissionDenied, `the certificate is not accepted: ${why}`, {
    reason: 'CERTIFICATE_REJECTED',
  });
}
