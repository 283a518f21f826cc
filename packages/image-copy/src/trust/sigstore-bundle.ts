// SPDX-License-Identifier: Apache-2.0
import { parseStrictJson, type StrictJson } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { decodeBase64 } from './base64.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import type { UntrustedCertificate } from './certificate-trust.ts';
import type { RekorEntry } from './rekor-entry.ts';
import type { UntrustedSigstore } from './sigstore-trust.ts';

/** A bundle of sigstore, of which nothing is verified: a signed statement, and what vouches for it. */
export interface UntrustedBundle extends UntrustedSigstore {
  /** What the signature is of: the statement with its type around it. */
  readonly signedBytes: Uint8Array;
}

/** What bundles are listed and stored under, before the number of their version. */
export const bundleTypePrefix = 'application/vnd.dev.sigstore.bundle';

const knownTypes: ReadonlySet<string> = new Set([
  `${bundleTypePrefix}.v0.3+json`,
  `${bundleTypePrefix}+json;version=0.3`,
  `${bundleTypePrefix}+json;version=0.2`,
  `${bundleTypePrefix}+json;version=0.1`,
]);

const statementType = 'application/vnd.in-toto+json';

/**
 * Reads a bundle with an envelope, as cosign 3 keeps signatures of images.
 *
 * @throws InvalidArgument (`SIGNATURE_INVALID`, `JSON_INVALID` or `CERTIFICATE_INVALID`)
 * @see https://docs.sigstore.dev/about/bundle/
 */
export function parseBundle(bytes: Uint8Array): UntrustedBundle {
  const bundle = parseStrictJson(Buffer.from(bytes).toString(), 'the bundle');
  const type = member(bundle, 'mediaType');
  if (typeof type !== 'string' || !knownTypes.has(type)) throw fault('its mediaType is not known');
  const envelope = member(bundle, 'dsseEnvelope');
  const payloadType = member(envelope, 'payloadType');
  if (payloadType !== statementType) throw fault('it holds no statement of in-toto');
  const payload = base64Of(envelope, 'payload');
  const [first, ...more] = listOf(envelope, 'signatures');
  if (first === undefined || more.length > 0) throw fault('it has not exactly one signature');
  const material = member(bundle, 'verificationMaterial');
  return {
    signature: base64Of(first, 'sig'),
    payload,
    signedBytes: encodePreAuthentication(payloadType, payload),
    certificate: () => readCertificate(material),
    entry: () => readEntry(material),
  };
}

/** @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function encodePreAuthentication(type: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    payload,
  ]);
}

function readCertificate(material: StrictJson | undefined): UntrustedCertificate | undefined {
  const single = member(material, 'certificate');
  const list =
    single === undefined ? listOf(member(material, 'x509CertificateChain'), 'certificates') : [single];
  if (list.length > 16) throw fault('it has too many certificates');
  const [leaf, ...chain] = list.map((one): Certificate => parseCertificate(base64Of(one, 'rawBytes')));
  return leaf === undefined ? undefined : { leaf, chain };
}

function readEntry(material: StrictJson | undefined): RekorEntry | undefined {
  const [entry, ...more] = listOf(material, 'tlogEntries');
  if (entry === undefined) return undefined;
  if (more.length > 0) throw fault('several logs have recorded it');
  const promise = member(entry, 'inclusionPromise');
  if (promise === undefined) {
    throw fault('its log has not signed a time, as Rekor 2 does not: that is not supported');
  }
  const body = member(entry, 'canonicalizedBody');
  if (typeof body !== 'string') throw fault('canonicalizedBody is missing');
  return {
    body,
    integratedTime: wholeOf(entry, 'integratedTime'),
    logIndex: wholeOf(entry, 'logIndex'),
    logId: Buffer.from(base64Of(member(entry, 'logId'), 'keyId')).toString('hex'),
    signedEntryTimestamp: base64Of(promise, 'signedEntryTimestamp'),
  };
}

function member(value: StrictJson | undefined, name: string): StrictJson | undefined {
  return value instanceof Map ? (value.get(name) ?? undefined) : undefined;
}

function listOf(value: StrictJson | undefined, name: string): readonly StrictJson[] {
  const found = member(value, name) ?? [];
  if (!Array.isArray(found)) throw fault(`${name} is no list`);
  return found as readonly StrictJson[];
}

function base64Of(value: StrictJson | undefined, name: string): Uint8Array {
  const found = member(value, name);
  if (typeof found !== 'string' || found === '') throw fault(`${name} is missing`);
  return decodeBase64(found, name);
}

/** A number of 64 bits, which JSON has as a string. */
function wholeOf(value: StrictJson | undefined, name: string): number {
  const found = member(value, name) ?? '0';
  const number = typeof found === 'string' && /^\d{1,16}$/.test(found) ? Number(found) : found;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
    throw fault(`${name} is no whole number`);
  }
  return number;
}

function fault(why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `a sigstore bundle cannot be read: ${why}`, {
    reason: 'SIGNATURE_INVALID',
  });
}
