// SPDX-License-Identifier: Apache-2.0
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
  /** Whole seconds since 1970. */
  readonly mtime: number;
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

/** The blocks before an entry's content: a pax header where ustar cannot say it, and the ustar header. */
export function encodeHeader(entry: NewEntry): Buffer {
  const records: Buffer[] = [];
  const name = fitting(entry.name, 'path', records);
  const linkName = fitting(entry.linkName ?? Buffer.alloc(0), 'linkpath', records);
  for (const key of ['uid', 'gid'] as const) {
    if (entry[key] > largestOctal8) records.push(paxRecord(key, Buffer.from(String(entry[key]))));
  }
  if (entry.size > largestOctal12) records.push(paxRecord('size', Buffer.from(String(entry.size))));
  for (const [key, value] of [...(entry.xattrs ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (key.includes('=')) {
      throw new LadingError(
        Code.InvalidArgument,
        `${shown(entry.name)} has the extended attribute ${JSON.stringify(key)}, which a tar cannot hold; remove it`,
      );
    }
    records.push(paxRecord(xattrPrefix + key, value));
  }
  const header = ustarHeader({ ...entry, name, linkName }, flags[entry.type]);
  if (records.length === 0) return header;
  const body = Buffer.concat(records);
  const meta = {
    name: Buffer.from('PaxHeaders/entry'),
    type: 'file' as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.length,
    mtime: 0,
  };
  return Buffer.concat([ustarHeader(meta, 'x'), body, paddingAfter(body.length), header]);
}

/** What fills up a content to whole blocks. */
export function paddingAfter(size: number): Buffer {
  return Buffer.alloc(-size & (blockSize - 1));
}

/** The two zero blocks that end an archive. */
export const endOfArchive: Buffer = Buffer.alloc(2 * blockSize);

function fitting(text: Buffer, key: string, records: Buffer[]): Buffer {
  if (text.length <= nameLength && text.every((byte) => byte < 0x80)) return text;
  records.push(paxRecord(key, text));
  return text.subarray(0, nameLength);
}

function ustarHeader(entry: NewEntry, flag: string): Buffer {
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, offset: number, length: number): void => {
    const most = 8 ** (length - 1) - 1;
    block.write(
      Math.min(Math.max(0, value), most)
        .toString(8)
        .padStart(length - 1, '0'),
      offset,
      'latin1',
    );
  };
  entry.name.copy(block, 0, 0, nameLength);
  octal(entry.mode, 100, 8);
  octal(entry.uid, 108, 8);
  octal(entry.gid, 116, 8);
  octal(entry.size, 124, 12);
  octal(entry.mtime, 136, 12);
  block.write(flag, 156, 'latin1');
  entry.linkName?.copy(block, 157, 0, nameLength);
  block.write('ustar\x0000', 257, 'latin1');
  octal(entry.major ?? 0, 329, 8);
  octal(entry.minor ?? 0, 337, 8);
  block.write(checksumOf(block).toString(8).padStart(6, '0'), 148, 'latin1');
  block.write('\0 ', 154, 'latin1');
  return block;
}
