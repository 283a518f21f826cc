// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject, verify } from 'node:crypto';
import { parseStrictJson, type StrictJson } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { decodeBase64 } from './base64.ts';
import { pemBytes } from './certificate.ts';
import { member } from './strict-member.ts';

/** What the log recorded, as it was signed by the log. */
export interface RekorEntry {
  /** In base64. */
  readonly body: string;
  /** Seconds since 1970. */
  readonly integratedTime: number;
  readonly logIndex: number;
  /** In hex. */
  readonly logId: string;
  /** Over the above. */
  readonly signedEntryTimestamp: Uint8Array;
}

/** What an entry of the log is to be about. */
export interface RekorSubject {
  /** The key or certificate that signed, in DER. */
  readonly verifier: Uint8Array;
  readonly signature: Uint8Array;
  /** What was signed. */
  readonly payload: Uint8Array;
}

/** Reads the entry from the annotation of a signature: cosign's `bundle`. */
export function parseRekorAnnotation(text: string): RekorEntry {
  const [timestamp, payload] = exactly(parse(text), 'SignedEntryTimestamp', 'Payload');
  const [body, integratedTime, logId, logIndex] = exactly(
    payload,
    'body',
    'integratedTime',
    'logID',
    'logIndex',
  );
  if (typeof body !== 'string' || typeof logId !== 'string' || typeof timestamp !== 'string') {
    throw fault('a text is missing');
  }
  if (!isWhole(integratedTime) || !isWhole(logIndex)) throw fault('a number is missing');
  const signedEntryTimestamp = decodeBase64(timestamp, 'the SignedEntryTimestamp');
  return { body, integratedTime, logIndex, logId, signedEntryTimestamp };
}

/**
 * When the log recorded the signature, after the log's own signature of that has been verified and the entry was
 * found to be about this signature.
 *
 * @throws PermissionDenied or InvalidArgument (`SIGNATURE_REJECTED`, `SIGNATURE_INVALID`)
 */
export function verifyRekorEntry(keys: readonly KeyObject[], entry: RekorEntry, subject: RekorSubject): Date {
  const { body, integratedTime, logId: logID, logIndex, signedEntryTimestamp } = entry;
  // The canonical form of RFC 8785, which is what the log signs: members in this order, no spaces.
  const signed = Buffer.from(JSON.stringify({ body, integratedTime, logID, logIndex }));
  if (!keys.some((key) => verify('sha256', signed, key, signedEntryTimestamp))) {
    throw rejected('no trusted log signed its entry');
  }
  checkRekorBody(entry, subject);
  return new Date(integratedTime * 1000);
}

/** The entry must be about this very signature, or one of anything could be shown. */
export function checkRekorBody(entry: RekorEntry, subject: RekorSubject): void {
  const body = parse(decodeBase64(entry.body, 'the entry of the log'));
  const kind = `${String(member(body, 'kind'))} ${String(member(body, 'apiVersion'))}`;
  const spec = member(body, 'spec');
  switch (kind) {
    case 'hashedrekord 0.0.1': {
      const signature = member(spec, 'signature');
      checkHash(member(member(spec, 'data'), 'hash'), subject.payload);
      checkSignature(
        member(signature, 'content'),
        member(member(signature, 'publicKey'), 'content'),
        subject,
      );
      return;
    }
    case 'dsse 0.0.1': {
      const signatures = member(spec, 'signatures');
      const [first, ...more] = Array.isArray(signatures) ? (signatures as readonly StrictJson[]) : [];
      if (more.length > 0) throw rejected('the entry of the log has several signatures');
      checkHash(member(spec, 'payloadHash'), subject.payload);
      checkSignature(member(first, 'signature'), member(first, 'verifier'), subject);
      return;
    }
    default:
      throw rejected('the entry of the log is of a kind that is not known');
  }
}

function checkHash(hash: StrictJson | undefined, payload: Uint8Array): void {
  const expected = createHash('sha256').update(payload).digest('hex');
  if (member(hash, 'algorithm') !== 'sha256' || member(hash, 'value') !== expected) {
    throw rejected('the entry of the log is of another text');
  }
}

function checkSignature(
  content: StrictJson | undefined,
  verifier: StrictJson | undefined,
  subject: RekorSubject,
): void {
  if (typeof content !== 'string' || typeof verifier !== 'string') throw fault('a signature is missing');
  if (!Buffer.from(subject.signature).equals(decodeBase64(content, 'the signature in the log'))) {
    throw rejected('the entry of the log is of another signature');
  }
  const pem = Buffer.from(decodeBase64(verifier, 'the key in the log')).toString('latin1');
  const der = pemBytes(pem, 'PUBLIC KEY') ?? pemBytes(pem, 'CERTIFICATE');
  if (der === undefined || !Buffer.from(subject.verifier).equals(der)) {
    throw rejected('the entry of the log is of another key');
  }
}

function parse(json: string | Uint8Array): StrictJson {
  return parseStrictJson(
    typeof json === 'string' ? json : Buffer.from(json).toString(),
    'the entry of the log',
  );
}

function exactly(
  value: StrictJson | undefined,
  ...names: readonly string[]
): readonly (StrictJson | undefined)[] {
  if (!(value instanceof Map) || value.size !== names.length) throw fault('it has not the members of one');
  return names.map((name) => member(value, name));
}

function isWhole(value: StrictJson | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function fault(why: string): LadingError {
  return new LadingError(Code.InvalidArgument, `the entry of the transparency log cannot be read: ${why}`, {
    reason: 'SIGNATURE_INVALID',
  });
}

function rejected(why: string): LadingError {
  return new LadingError(Code.PermissionDenied, `the signature is not accepted: ${why}`, {
    reason: 'SIGNATURE_REJECTED',
  });
}

/** A public key in DER, as entries are compared with it. */
export function keyBytes(key: KeyObject): Uint8Array {
  return key.export({ type: 'spki', format: 'der' });
}
