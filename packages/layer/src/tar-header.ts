// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

export const blockSize = 512;

/** What the type flags stand for; `x`, `g`, `L` and `K` never leave the parser. */
const types: Readonly<Record<string, EntryType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
};

export type EntryType = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo';
type MetaType = 'pax' | 'pax-global' | 'gnu-name' | 'gnu-link';

/** The fields of one header block. Names are bytes: they need not be UTF-8. */
export interface TarHeader {
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly type: EntryType | MetaType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
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
  if (numberAt(block, 148, 8, 'checksum') !== checksumOf(block)) {
    throw new LadingError(Code.InvalidArgument, 'tar: a header has a wrong checksum', {
      reason: 'TAR_CHECKSUM',
    });
  }
  const flag = String.fromCharCode(block[156] ?? 0);
  const type = typeOf(flag);
  let name = textAt(block, 0, 100);
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  if (isUstar) {
    const prefix = textAt(block, 345, 155);
    if (prefix.length > 0) name = Buffer.concat([prefix, Buffer.from('/'), name]);
  }
  // In archives before ustar a folder is a file whose name ends in a slash.
  const isFolder = type === 'file' && name.at(-1) === 0x2f;
  const size = numberAt(block, 124, 12, 'size');
  if (size < 0)
    throw new LadingError(Code.InvalidArgument, `tar: the size of ${shown(name)} is negative`, {
      reason: 'TAR_SIZE',
    });
  return {
    name,
    linkName: textAt(block, 157, 100),
    type: isFolder ? 'directory' : type,
    mode: numberAt(block, 100, 8, 'mode') & 0o7777,
    uid: numberAt(block, 108, 8, 'uid'),
    gid: numberAt(block, 116, 8, 'gid'),
    size,
    mtime: numberAt(block, 136, 12, 'mtime'),
    major: numberAt(block, 329, 8, 'device'),
    minor: numberAt(block, 337, 8, 'device'),
  };
}

function typeOf(flag: string): TarHeader['type'] {
  if (flag === 'x') return 'pax';
  if (flag === 'g') return 'pax-global';
  if (flag === 'L') return 'gnu-name';
  if (flag === 'K') return 'gnu-link';
  const type = Object.hasOwn(types, flag) ? types[flag] : undefined;
  if (type === undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      `tar: entries of type ${JSON.stringify(flag)} are not known`,
      { reason: 'TAR_TYPE' },
    );
  }
  return type;
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
function numberAt(block: Buffer, offset: number, length: number, what: string): number {
  const first = block[offset] ?? 0;
  if (first & 0x80) {
    let value = BigInt.asIntN(7, BigInt(first & 0x7f));
    for (let i = offset + 1; i < offset + length; i++) value = (value << 8n) | BigInt(block[i] ?? 0);
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
  } else {
    const text = block
      .toString('latin1', offset, offset + length)
      .replaceAll(/[\0 ]+/g, ' ')
      .trim();
    if (/^[0-7]*$/.test(text)) return text === '' ? 0 : Number.parseInt(text, 8);
  }
  throw new LadingError(Code.InvalidArgument, `tar: a header has an unreadable ${what}`, {
    reason: 'TAR_NUMBER',
  });
}

/** The sum of all bytes, those of the checksum itself taken for blanks. */
export function checksumOf(block: Buffer): number {
  let sum = 8 * 32;
  for (let i = 0; i < blockSize; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0;
  return sum;
}
