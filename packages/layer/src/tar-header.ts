// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

export const blockSize = 512;

/** What the type flags stand for. */
const types: Readonly<Record<string, HeaderType>> = {
  '\0': 'old-file',
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
  S: 'sparse',
  x: 'pax',
  g: 'pax-global',
  L: 'gnu-name',
  K: 'gnu-link',
};

export type EntryType = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo';
/** `old-file` is a file, or a folder when its whole name ends in a slash; `sparse` is the form of GNU before pax. */
export type HeaderType = EntryType | 'old-file' | 'sparse' | MetaType;
/** Headers that only say something of the next one, or of all. */
export type MetaType = 'pax' | 'pax-global' | 'gnu-name' | 'gnu-link';

/** The fields of one header block. Names are bytes: they need not be UTF-8. */
export interface TarHeader {
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly type: HeaderType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Seconds since 1970, where GNU tar or star have written it. */
  readonly atime: number | undefined;
  readonly major: number;
  readonly minor: number;
}

/** True for a block of zeros, two of which end an archive. */
export function isZeroBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/**
 * Reads a header block (ustar, GNU, and the older form).
 *
 * @throws LadingError `invalid_argument` for a wrong checksum, number or type
 */
export function parseHeader(block: Buffer): TarHeader {
  const checksum = numberAt(block, 148, 8, 'checksum');
  if (checksum !== checksumOf(block) && checksum !== signedChecksumOf(block)) {
    throw new LadingError(Code.InvalidArgument, 'tar: a header has a wrong checksum', {
      reason: 'TAR_CHECKSUM',
    });
  }
  const { name, atime } = nameOf(block);
  const type = typeOf(block, name);
  const size = numberAt(block, 124, 12, 'size');
  if (size < 0) {
    throw new LadingError(Code.InvalidArgument, `tar: the size of ${shown(name)} is negative`, {
      reason: 'TAR_SIZE',
    });
  }
  const isDevice = type === 'char' || type === 'block';
  return {
    name,
    linkName: textAt(block, 157, 100),
    type,
    mode: numberAt(block, 100, 8, 'mode') & 0o7777,
    uid: numberAt(block, 108, 8, 'uid'),
    gid: numberAt(block, 116, 8, 'gid'),
    size,
    mtime: numberAt(block, 136, 12, 'mtime'),
    atime,
    // Headers older than ustar may have anything there.
    major: isDevice ? numberAt(block, 329, 8, 'device number') : 0,
    minor: isDevice ? numberAt(block, 337, 8, 'device number') : 0,
  };
}

/** True for the form of GNU tar, which has times where ustar has the prefix of the name. */
export function isGnu(block: Buffer): boolean {
  return block.toString('latin1', 257, 265) === 'ustar  \0';
}

/** The name with the prefix that ustar and star put before it, and the access time that GNU tar and star know. */
function nameOf(block: Buffer): { name: Buffer; atime: number | undefined } {
  const name = textAt(block, 0, 100);
  if (isGnu(block)) return gnuNameOf(block, name);
  if (block.toString('latin1', 257, 263) !== 'ustar\0') return { name, atime: undefined };
  const isStar = block.toString('latin1', 508, 512) === 'tar\0';
  const prefix = textAt(block, 345, isStar ? 131 : 155);
  return { name: prefixed(prefix, name), atime: isStar ? numberAt(block, 476, 12, 'atime') : undefined };
}

function gnuNameOf(block: Buffer, name: Buffer): { name: Buffer; atime: number | undefined } {
  try {
    const [atime] = [345, 357].map((at) => (block[at] === 0 ? undefined : numberAt(block, at, 12, 'atime')));
    return { name, atime };
  } catch {
    // Before 1.8, Go put the prefix of ustar there. @see https://go.dev/issue/21005
    const prefix = textAt(block, 345, 155);
    return { name: prefix.every((byte) => byte < 0x80) ? prefixed(prefix, name) : name, atime: undefined };
  }
}

function prefixed(prefix: Buffer, name: Buffer): Buffer {
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
}

function typeOf(block: Buffer, name: Buffer): TarHeader['type'] {
  const flag = String.fromCharCode(block[156] ?? 0);
  const type = Object.hasOwn(types, flag) ? types[flag] : undefined;
  if (type !== undefined) return type;
  throw new LadingError(
    Code.InvalidArgument,
    `tar: ${shown(name)} has the unknown type ${JSON.stringify(flag)}`,
    { reason: 'TAR_TYPE' },
  );
}

/** Names for messages. */
export function shown(name: Uint8Array): string {
  const text = Buffer.from(name).toString();
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

function textAt(block: Buffer, offset: number, length: number): Buffer {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return Buffer.from(end === -1 ? field : field.subarray(0, end));
}

/** Octal text, or with the top bit set a big-endian number in two's complement. */
export function numberAt(block: Buffer, offset: number, length: number, what: string): number {
  const end = offset + length;
  if ((block[offset] ?? 0) & 0x80) return binaryAt(block, offset, end, what);
  let at = offset;
  while (at < end && isBlank(block[at])) at += 1;
  let value = 0;
  // Up to the first blank or NUL; what comes after it means nothing.
  for (; at < end && !isBlank(block[at]); at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) throw unreadable(what);
    value = value * 8 + digit;
  }
  return value;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}

function binaryAt(block: Buffer, offset: number, end: number, what: string): number {
  let value = BigInt.asIntN(7, BigInt((block[offset] ?? 0) & 0x7f));
  for (let at = offset + 1; at < end; at++) value = (value << 8n) | BigInt(block[at] ?? 0);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw unreadable(what);
  return number;
}

function unreadable(what: string): LadingError {
  return new LadingError(Code.InvalidArgument, `tar: a header has an unreadable ${what}`, {
    reason: 'TAR_NUMBER',
  });
}

/** The sum of all bytes, those of the checksum itself taken for blanks. */
export function checksumOf(block: Buffer): number {
  let sum = 8 * 32;
  for (let i = 0; i < blockSize; i++) sum += block[i] ?? 0;
  for (let i = 148; i < 156; i++) sum -= block[i] ?? 0;
  return sum;
}

/** Some old programs took bytes for signed numbers; Go's reader accepts their sums too. */
function signedChecksumOf(block: Buffer): number {
  let sum = checksumOf(block);
  for (let i = 0; i < blockSize; i++) if ((block[i] ?? 0) > 127 && (i < 148 || i >= 156)) sum -= 256;
  return sum;
}
