// SPDX-License-Identifier: Apache-2.0
import { parseStrictJson, type StrictJson } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { decodeBase64 } from './base64.ts';

/** A signature as it was found beside an image: nothing of it is verified. */
export type ImageSignature =
  | { readonly kind: 'simple'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'sigstore';
      readonly mimeType: string;
      readonly payload: Uint8Array;
      readonly annotations: ReadonlyMap<string, string>;
    };

/** No signature that a person makes is longer. */
export const signatureLimitBytes: number = 4 * 1024 * 1024;
/** More signatures than these are an attempt to keep the reader busy. */
export const maxSignatures: number = 128;

/**
 * Reads the form in which `dir:` folders, lookaside folders and the local store keep a signature: an OpenPGP
 * message as it is, anything else after a NUL byte and the name of its format.
 *
 * @throws InvalidArgument (`SIGNATURE_INVALID`)
 */
export function parseSignatureFile(bytes: Uint8Array): ImageSignature {
  const [first] = bytes;
  // Bit 7 marks an OpenPGP packet.
  if (first !== undefined && first >= 0x80) return { kind: 'simple', bytes };
  if (first !== 0) throw fault('it is in no known format');
  const end = bytes.indexOf(0x0a);
  const format = end < 0 ? '' : Buffer.from(bytes.subarray(1, end)).toString('latin1');
  const rest = bytes.subarray(end + 1);
  if (format === 'simple-signing') return { kind: 'simple', bytes: rest };
  if (format !== 'sigstore-json') throw fault('it is in no known format');
  const value = parseStrictJson(Buffer.from(rest).toString(), 'a sigstore signature');
  if (!isObject(value)) throw fault('it is no JSON object');
  const mimeType = value.get('mimeType');
  const payload = value.get('payload');
  const annotations = value.get('annotations') ?? new Map<string, StrictJson>();
  if (typeof mimeType !== 'string' || typeof payload !== 'string' || !isObject(annotations)) {
    throw fault('mimeType, payload or annotations are missing');
  }
  return {
    kind: 'sigstore',
    mimeType,
    payload: decodeBase64(payload, 'the payload'),
    annotations: texts(annotations),
  };
}

function isObject(value: StrictJson): value is ReadonlyMap<string, StrictJson> {
  return value instanceof Map;
}

function texts(annotations: ReadonlyMap<string, StrictJson>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of annotations) {
    if (typeof value !== 'string') throw fault('an annotation is not a string');
    found.set(key, value);
  }
  return found;
}

function fault(message: string): LadingError {
  return new LadingError(Code.InvalidArgument, `a signature cannot be read: ${message}`, {
    reason: 'SIGNATURE_INVALID',
  });
}
