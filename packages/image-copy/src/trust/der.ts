// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** One value of DER: what is tagged, without its tag and length. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Tags of X.690, with the bit of what holds others; `context(n)` is `[n]` of a specification. */
export const DerTag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  ObjectId: 0x06,
  Utf8String: 0x0c,
  Sequence: 0x30,
} as const;

/**
 * Reads the values that bytes consist of, one after the other, none of them opened.
 *
 * @throws InvalidArgument (`CERTIFICATE_INVALID`) for anything that DER would write in another way
 * @see https://www.itu.int/rec/T-REC-X.690
 */
export function readDer(bytes: Uint8Array): readonly DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    if ((tag & 0x1f) === 0x1f) throw derFault('a tag of many bytes');
    const { length, start } = readLength(bytes, at + 1);
    if (start + length > bytes.length) throw derFault('a value that is cut off');
    values.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return values;
}

function readLength(bytes: Uint8Array, at: number): { length: number; start: number } {
  const first = bytes[at];
  if (first === undefined) throw derFault('a length that is cut off');
  if (first < 0x80) return { length: first, start: at + 1 };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + count >= bytes.length) throw derFault('a length of no known form');
  let length = 0;
  for (const byte of bytes.subarray(at + 1, at + 1 + count)) length = length * 256 + byte;
  if (length < 0x80 || length < 256 ** (count - 1)) throw derFault('a length that is longer than it need be');
  return { length, start: at + 1 + count };
}

/** The values inside one value, which must have this tag. */
export function openDer(value: DerValue | undefined, tag: number): readonly DerValue[] {
  return readDer(contentOf(value, tag));
}

/** The content of a value, which must have this tag. */
export function contentOf(value: DerValue | undefined, tag: number): Uint8Array {
  if (value?.tag !== tag) throw derFault(`no value with the tag ${tag}`);
  return value.content;
}

/** An object identifier with dots between its numbers. */
export function readObjectId(value: DerValue | undefined): string {
  const numbers: number[] = [];
  let number = 0;
  let isInside = false;
  for (const byte of contentOf(value, DerTag.ObjectId)) {
    if (!isInside && byte === 0x80) throw derFault('an object identifier that is longer than it need be');
    number = number * 128 + (byte & 0x7f);
    if (number > Number.MAX_SAFE_INTEGER / 128)
      throw derFault('an object identifier with a number too large');
    isInside = byte >= 0x80;
    if (isInside) continue;
    if (numbers.length === 0) {
      const top = Math.min(2, Math.floor(number / 40));
      numbers.push(top, number - top * 40);
    } else numbers.push(number);
    number = 0;
  }
  if (isInside || numbers.length === 0) throw derFault('an object identifier that is cut off');
  return numbers.join('.');
}

/** A whole number that is neither negative nor large. */
export function readSmallInteger(value: DerValue | undefined): number {
  const bytes = contentOf(value, DerTag.Integer);
  const [first] = bytes;
  if (first === undefined || first >= 0x80 || bytes.length > 4) throw derFault('an integer out of range');
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

export function derFault(what: string): LadingError {
  return new LadingError(Code.InvalidArgument, `a certificate cannot be read: it has ${what}`, {
    reason: 'CERTIFICATE_INVALID',
  });
}
