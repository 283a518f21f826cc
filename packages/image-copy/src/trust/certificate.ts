// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { contentOf, DerTag, type DerValue, derFault, openDer, readDer, readObjectId } from './der.ts';

/** One extension of a certificate. */
interface CertificateExtension {
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

/** A certificate with what OpenSSL does not tell of it. */
export interface Certificate {
  readonly x509: X509Certificate;
  /** By object identifier. */
  readonly extensions: ReadonlyMap<string, CertificateExtension>;
  /** What it was signed with. */
  readonly signatureAlgorithm: string;
}

/** A certificate of a signature is a few KiB long; those of an authority come by the dozen at most. */
const maxCertificates = 64;
const textLimit = 1024 * 1024;

/**
 * Reads certificates in PEM, at least one.
 *
 * @throws InvalidArgument (`CERTIFICATE_INVALID`)
 */
export function readCertificates(pem: Uint8Array | string, what: string): readonly Certificate[] {
  const text = typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1');
  const blocks =
    text.length > textLimit
      ? []
      : (text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []);
  if (blocks.length === 0 || blocks.length > maxCertificates) {
    throw new LadingError(Code.InvalidArgument, `${what} holds no certificates in PEM, or too many`, {
      reason: 'CERTIFICATE_INVALID',
    });
  }
  return blocks.map((block) => parseCertificate(pemBytes(block, 'CERTIFICATE') ?? new Uint8Array()));
}

/** The bytes of the one block of PEM of this type that a text is; undefined when it is anything else. */
export function pemBytes(text: string, type: string): Uint8Array | undefined {
  const lines = text.trim().split(/\r?\n/);
  if (lines[0] !== `-----BEGIN ${type}-----` || lines.at(-1) !== `-----END ${type}-----`) return undefined;
  const base64 = lines.slice(1, -1).join('').replaceAll(/\s/g, '');
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : undefined;
}

/** Reads one certificate in DER. */
export function parseCertificate(der: Uint8Array): Certificate {
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(der);
  } catch {
    throw derFault('nothing that OpenSSL can read');
  }
  const [outer, ...more] = readDer(der);
  if (more.length > 0) throw derFault('something after its end');
  const [tbs, algorithm] = openDer(outer, DerTag.Sequence);
  const [objectId] = openDer(algorithm, DerTag.Sequence);
  return { x509, extensions: readExtensions(tbs), signatureAlgorithm: readObjectId(objectId) };
}

/** `[3]` of the part that is signed. */
const extensionsTag = 0xa3;

function readExtensions(tbs: DerValue | undefined): ReadonlyMap<string, CertificateExtension> {
  const found = new Map<string, CertificateExtension>();
  const tagged = openDer(tbs, DerTag.Sequence).find(({ tag }) => tag === extensionsTag);
  if (tagged === undefined) return found;
  const [list] = openDer(tagged, extensionsTag);
  for (const extension of openDer(list, DerTag.Sequence)) {
    const [id, ...rest] = openDer(extension, DerTag.Sequence);
    const name = readObjectId(id);
    // Two readers may take different ones.
    if (found.has(name)) throw derFault('an extension twice');
    const [first, second] = rest;
    const isMarked = first?.tag === DerTag.Boolean;
    const value = contentOf(isMarked ? second : first, DerTag.OctetString);
    found.set(name, { isCritical: isMarked && readBoolean(first), value });
  }
  return found;
}

/** Other bytes are true to some readers, and false to others. */
function readBoolean({ content }: DerValue): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw derFault('a half truth');
  return content[0] === 0xff;
}
