// SPDX-License-Identifier: Apache-2.0
import { isAscii, isUtf8 } from 'node:buffer';
import { Code, LadingError } from '@lading/errors';
import { paxRecord, xattrPrefix } from './pax.ts';
import { blockSize, checksumOf, type EntryType, shown } from './tar-header.ts';

/** An entry to be written. Folder names end in a slash. */
export interface NewEntry {
  readonly name: Buffer;
  readonly linkName?: Buffer;
  readonly type: EntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Nanoseconds since 1970, not before. */
  readonly mtimeNs: bigint;
  readonly major?: number;
  readonly minor?: number;
  readonly xattrs?: ReadonlyMap<string, Buffer>;
}

const flags: Readonly<Record<EntryType, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};
const largestOctal12 = 0o77777777777;
const largestOctal8 = 0o7777777;
const nameLength = 100;
const prefixLength = 155;
const slash = 0x2f;
const nsPerSecond = 1_000_000_000n;
const nothing = Buffer.alloc(0);

/** The blocks before an entry's content: a pax header where ustar cannot say it, and the ustar header. */
export function encodeHeader(entry: NewEntry): Buffer {
  const records: Buffer[] = [];
  const record = (key: string, value: Uint8Array | string): void => {
    records.push(paxRecord(key, Buffer.from(value)));
  };
  const { prefix, name } = fittingName(entry.name, record);
  const linkName = fittingLink(entry.linkName ?? nothing, record);
  // Without it bsdtar refuses names that are not UTF-8. GNU tar passes over it.
  if (records.length > 0 && ![entry.name, entry.linkName ?? nothing].every(isUtf8))
    records.unshift(paxRecord('hdrcharset', Buffer.from('BINARY')));
  for (const key of ['uid', 'gid'] as const) {
    if (entry[key] > largestOctal8) record(key, String(entry[key]));
  }
  if (entry.size > largestOctal12) record('size', String(entry.size));
  const seconds = Number(entry.mtimeNs / nsPerSecond);
  const below = entry.mtimeNs % nsPerSecond;
  if (below !== 0n || seconds > largestOctal12) record('mtime', timeText(seconds, below));
  if (entry.xattrs !== undefined && entry.xattrs.size > 0) addXattrs(entry, entry.xattrs, record);
  const header = ustarHeader({ ...entry, prefix, name, linkName, seconds }, flags[entry.type]);
  if (records.length === 0) return header;
  const body = Buffer.concat(records);
  const meta = ustarHeader({ ...metaEntry, size: body.length }, 'x');
  return Buffer.concat([meta, body, paddingAfter(body.length), header]);
}

const metaEntry = {
  name: Buffer.from('PaxHeaders/entry'),
  prefix: nothing,
  linkName: nothing,
  mode: 0o644,
  uid: 0,
  gid: 0,
  seconds: 0,
};

const noPadding = nothing;

/** What fills up a content to whole blocks. */
export function paddingAfter(size: number): Buffer {
  const missing = (blockSize - (size % blockSize)) % blockSize;
  return missing === 0 ? noPadding : Buffer.alloc(missing);
}

/** The two zero blocks that end an archive. */
export const endOfArchive: Buffer = Buffer.alloc(2 * blockSize);

type AddRecord = (key: string, value: Uint8Array | string) => void;

function fittingName(name: Buffer, record: AddRecord): { readonly prefix: Buffer; readonly name: Buffer } {
  if (isPlain(name)) {
    if (name.length <= nameLength) return { prefix: nothing, name };
    const cut = cutOf(name);
    if (cut !== undefined) return { prefix: name.subarray(0, cut), name: name.subarray(cut + 1) };
  }
  record('path', name);
  return { prefix: nothing, name: name.subarray(0, nameLength) };
}

/** A reader takes the bytes of ustar as they are, but those of pax for UTF-8. */
function isPlain(name: Buffer): boolean {
  return isAscii(name) || !isUtf8(name);
}

/** The slash at which ustar cuts a long name in two; there may be none. */
function cutOf(name: Buffer): number | undefined {
  const cut = name.lastIndexOf(slash, Math.min(prefixLength, name.length - 2));
  return cut > 0 && name.length - cut - 1 <= nameLength ? cut : undefined;
}

function fittingLink(linkName: Buffer, record: AddRecord): Buffer {
  if (linkName.length <= nameLength && isPlain(linkName)) return linkName;
  record('linkpath', linkName);
  return linkName.subarray(0, nameLength);
}

function timeText(seconds: number, below: bigint): string {
  const fraction = below.toString().padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? String(seconds) : `${seconds}.${fraction}`;
}

function addXattrs(entry: NewEntry, xattrs: ReadonlyMap<string, Buffer>, record: AddRecord): void {
  for (const [key, value] of [...xattrs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (key.includes('=')) {
      throw new LadingError(
        Code.InvalidArgument,
        `${shown(entry.name)} has the extended attribute ${JSON.stringify(key)}, which a tar cannot hold; remove it`,
      );
    }
    record(xattrPrefix + key, value);
  }
}

interface UstarFields {
  readonly prefix: Buffer;
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly seconds: number;
  readonly major?: number;
  readonly minor?: number;
}

function ustarHeader(fields: UstarFields, flag: string): Buffer {
  const block = Buffer.alloc(blockSize);
  fields.name.copy(block, 0, 0, nameLength);
  putOctal(block, fields.mode, 100, 8);
  putOctal(block, fields.uid, 108, 8);
  putOctal(block, fields.gid, 116, 8);
  putOctal(block, fields.size, 124, 12);
  putOctal(block, fields.seconds, 136, 12);
  block[156] = flag.charCodeAt(0);
  fields.linkName.copy(block, 157, 0, nameLength);
  block.write('ustar\x0000', 257, 'latin1');
  putOctal(block, fields.major ?? 0, 329, 8);
  putOctal(block, fields.minor ?? 0, 337, 8);
  fields.prefix.copy(block, 345, 0, prefixLength);
  putOctal(block, checksumOf(block), 148, 7);
  block[155] = 0x20;
  return block;
}

/** Digits and a NUL. A number that is too large is in a pax header, which counts. */
function putOctal(block: Buffer, value: number, offset: number, length: number): void {
  let rest = Math.min(value, 8 ** (length - 1) - 1);
  for (let at = offset + length - 2; at >= offset; at--) {
    block[at] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}
