// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { LayerLimits } from './limits.ts';
import { type PaxRecords, xattrPrefix } from './pax.ts';
import { type EntryType, shown, type TarHeader } from './tar-header.ts';

/** An entry of a tar archive, with what pax and GNU headers said of it worked in. */
export interface TarEntry {
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly type: EntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint | undefined;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

/** Puts a header and the meta headers before it together. @throws LadingError `invalid_argument` */
export function entryOf(
  header: TarHeader & { readonly type: EntryType | 'old-file' },
  pax: PaxRecords | undefined,
  gnuName: Buffer | undefined,
  gnuLink: Buffer | undefined,
  limits: LayerLimits,
): TarEntry {
  // GNU's names win over those of pax, as in Go, whose tools must find the same name in a tar-split file.
  const name = gnuName ?? pax?.get('path') ?? header.name;
  const linkName = gnuLink ?? pax?.get('linkpath') ?? header.linkName;
  for (const path of [name, linkName]) {
    if (path.length > limits.pathBytes) {
      throw new LadingError(
        Code.ResourceExhausted,
        `tar: the name ${shown(path)} has ${path.length} bytes; at most ${limits.pathBytes} are taken`,
        { reason: 'LAYER_LIMIT' },
      );
    }
    if (path.includes(0))
      throw new LadingError(Code.InvalidArgument, `tar: the name ${shown(path)} holds a NUL`);
  }
  if (pax?.has('GNU.sparse.major') || pax?.has('GNU.sparse.map')) {
    throw new LadingError(
      Code.Unimplemented,
      `tar: ${shown(name)} is a GNU sparse file, which is not supported yet`,
    );
  }
  const size = integerOf(pax, 'size', name) ?? header.size;
  if (size < 0)
    throw new LadingError(Code.InvalidArgument, `tar: the size of ${shown(name)} is negative`, {
      reason: 'TAR_SIZE',
    });
  return {
    name,
    linkName,
    // In archives before ustar a folder is a file whose name ends in a slash.
    type: header.type === 'old-file' ? (name.at(-1) === 0x2f ? 'directory' : 'file') : header.type,
    mode: header.mode,
    uid: idOf(integerOf(pax, 'uid', name) ?? header.uid, name),
    gid: idOf(integerOf(pax, 'gid', name) ?? header.gid, name),
    size,
    mtimeNs: keptTime(timeOf(pax, 'mtime') ?? BigInt(header.mtime) * 1_000_000_000n),
    atimeNs: timeOf(pax, 'atime'),
    major: header.major,
    minor: header.minor,
    xattrs: xattrsOf(pax, name, limits),
  };
}

function integerOf(pax: PaxRecords | undefined, key: string, name: Buffer): number | undefined {
  const text = pax?.get(key)?.toString('latin1');
  if (text === undefined) return undefined;
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new LadingError(Code.InvalidArgument, `tar: the ${key} of ${shown(name)} is not a number`);
}

/** Ids are 32 bits wide in the kernel, and the highest one means "leave as it is". */
function idOf(id: number, name: Buffer): number {
  if (id >= 0 && id < 0xffff_ffff) return id;
  throw new LadingError(
    Code.InvalidArgument,
    `tar: ${shown(name)} has the owner ${id}, which is out of range`,
  );
}

function timeOf(pax: PaxRecords | undefined, key: string): bigint | undefined {
  const found = /^(-?)(\d{1,12})(?:\.(\d{0,30}))?$/.exec(pax?.get(key)?.toString('latin1') ?? '');
  if (found === null) return undefined;
  const [, sign, seconds = '0', fraction = ''] = found;
  const ns = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
  return sign === '-' ? -ns : ns;
}

/** Times before 1970, or later than 64 bits of nanoseconds can say, become 1970: so Go's containers/storage has it. */
function keptTime(ns: bigint): bigint {
  return ns < 0n || ns >= 2n ** 63n ? 0n : ns;
}

const noXattrs: ReadonlyMap<string, Buffer> = new Map();

function xattrsOf(
  pax: PaxRecords | undefined,
  name: Buffer,
  limits: LayerLimits,
): ReadonlyMap<string, Buffer> {
  if (pax === undefined) return noXattrs;
  const found = new Map<string, Buffer>();
  for (const [key, value] of pax) {
    if (!key.startsWith(xattrPrefix)) continue;
    if (value.length > limits.xattrBytes) {
      throw new LadingError(
        Code.ResourceExhausted,
        `tar: an extended attribute of ${shown(name)} has ${value.length} bytes; at most ${limits.xattrBytes} are taken`,
        { reason: 'LAYER_LIMIT' },
      );
    }
    found.set(key.slice(xattrPrefix.length), value);
  }
  return found;
}
