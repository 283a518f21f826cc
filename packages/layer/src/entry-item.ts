// SPDX-License-Identifier: Apache-2.0

import { realpathSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { refused } from './entry-names.ts';
import type { FileEntry, LayerEntry, LinkEntry, OpaqueEntry, WhiteoutEntry } from './layer-entry.ts';
import type { Content, PackItem } from './tar-archive.ts';
import { shown } from './tar-header.ts';
import { statOf, unreadable } from './walk-tree.ts';

type Given = Exclude<LayerEntry, LinkEntry | OpaqueEntry | WhiteoutEntry>;

const modes: Readonly<Record<Given['type'], number>> = {
  file: 0o644,
  directory: 0o755,
  symlink: 0o777,
  char: 0o666,
  block: 0o666,
  fifo: 0o644,
};

/** The kernel's dev_t has 12 bits for the one and 20 for the other. */
const most = { mode: 0o7777, id: 0xffff_fffe, major: 0xfff, minor: 0xf_ffff, size: Number.MAX_SAFE_INTEGER };

/** The entry of an archive for one given in code. @throws LadingError `invalid_argument` */
export function itemOf(name: Buffer, entry: Given, cut: (timeNs: bigint) => bigint): PackItem {
  const common = {
    name,
    type: entry.type,
    size: 0,
    mode: inRange(name, 'mode', entry.mode ?? modes[entry.type], most.mode),
    uid: inRange(name, 'uid', entry.uid ?? 0, most.id),
    gid: inRange(name, 'gid', entry.gid ?? 0, most.id),
    mtimeNs: cut(timeOf(name, entry.mtime)),
    xattrs: xattrsOf(name, entry.xattrs),
  };
  switch (entry.type) {
    case 'directory':
      return { ...common, name: Buffer.concat([name, Buffer.from('/')]) };
    case 'symlink':
      return { ...common, linkName: targetOf(name, entry.target) };
    case 'char':
    case 'block':
      return {
        ...common,
        major: inRange(name, 'major', entry.major, most.major),
        minor: inRange(name, 'minor', entry.minor, most.minor),
      };
    case 'file':
      return { ...common, ...contentOf(name, entry) };
    default:
      return common;
  }
}

function contentOf(name: Buffer, entry: FileEntry): { readonly size: number; readonly content: Content } {
  if ('stream' in entry) {
    const size = inRange(name, 'sizeBytes', entry.sizeBytes, most.size);
    return { size, content: { kind: 'stream', open: entry.stream } };
  }
  if ('file' in entry) {
    const path = realPathOf(entry.file);
    const stat = path === undefined ? undefined : statOf(path);
    if (path !== undefined && stat?.isFile())
      return { size: Number(stat.size), content: { kind: 'file', path } };
    const [code, what] =
      stat === undefined ? [Code.NotFound, 'not there'] : [Code.InvalidArgument, 'not a file'];
    throw new LadingError(
      code,
      `the content of ${shown(name)} is to come from ${shown(Buffer.from(entry.file))}, which is ${what}`,
    );
  }
  const bytes = Buffer.from(entry.content ?? '');
  return { size: bytes.length, content: { kind: 'bytes', bytes } };
}

/** Links in a path that the caller gives are followed. */
function realPathOf(file: string): Buffer | undefined {
  try {
    return realpathSync(file, { encoding: 'buffer' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadable(Buffer.from(file), error);
  }
}

function targetOf(name: Buffer, target: string | Uint8Array): Buffer {
  const bytes = Buffer.from(target);
  if (bytes.length > 0 && bytes.length < 4096 && !bytes.includes(0)) return bytes;
  throw refused(name, 'has a target that is empty, longer than 4095 bytes, or has a NUL in it');
}

function timeOf(name: Buffer, mtime: Date | undefined): bigint {
  if (mtime === undefined) return 0n;
  if (mtime.getTime() >= 0) return BigInt(mtime.getTime()) * 1_000_000n;
  throw refused(name, 'has an mtime that is not a date of 1970 or later');
}

function inRange(name: Buffer, what: string, value: number, highest: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= highest) return value;
  throw refused(name, `has the ${what} ${value}; it must be a whole number from 0 to ${highest}`);
}

/** @see xattr(7): the name has 255 bytes at most, the value 64 KiB */
function xattrsOf(
  name: Buffer,
  xattrs: Readonly<Record<string, string | Uint8Array>> | undefined,
): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const [key, value] of Object.entries(xattrs ?? {})) {
    const bytes = Buffer.from(value);
    const isKey = /^[a-z]+\.[^\0=]+$/s.test(key) && Buffer.byteLength(key) <= 255;
    if (!isKey || bytes.length > 64 << 10)
      throw refused(name, `has an extended attribute ${JSON.stringify(key)} that no file can have`);
    found.set(key, bytes);
  }
  return found;
}
