// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { LayerLimits } from './limits.ts';
import { libarchiveXattrPrefix, type PaxRecords, xattrPrefix } from './pax.ts';
import { type EntryType, type HeaderType, type MetaType, shown, type TarHeader } from './tar-header.ts';
import type { SparseMap } from './tar-sparse.ts';

/** An entry of a tar archive, with what pax and GNU headers said of it worked in. */
export interface TarEntry {
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly type: EntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content in the archive, which for a sparse file are fewer than those of the file. */
  readonly size: number;
  readonly sparse?: SparseMap;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint | undefined;
  /** When the file was last changed in any way, where a pax header says it. Nothing can be unpacked to it. */
  readonly ctimeNs?: bigint;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

/** Puts a header and the meta headers before it together. @throws LadingError `invalid_argument` */
export function entryOf(
  header: TarHeader & { readonly type: Exclude<HeaderType, MetaType> },
  pax: PaxRecords | undefined,
  gnuName: Buffer | undefined,
  gnuLink: Buffer | undefined,
  limits: LayerLimits,
): TarEntry {
  // GNU's names win over those of pax, as in Go, whose tools must find the same name in a tar-split file.
  const name = pax?.get('GNU.sparse.name') ?? gnuName ?? pax?.get('path') ?? header.name;
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
  const size = integerOf(pax, 'size', name) ?? header.size;
  if (size < 0)
    throw new LadingError(Code.InvalidArgument, `tar: the size of ${shown(name)} is negative`, {
      reason: 'TAR_SIZE',
    });
  return {
    name,
    linkName,
    type: typeOf(header.type, name),
    mode: header.mode,
    uid: idOf(integerOf(pax, 'uid', name) ?? header.uid, name),
    gid: idOf(integerOf(pax, 'gid', name) ?? header.gid, name),
    size,
    mtimeNs: keptTime(timeOf(pax, 'mtime', name) ?? BigInt(header.mtime) * 1_000_000_000n),
    atimeNs: atimeOf(timeOf(pax, 'atime', name), header.atime),
    ...ctimeOf(timeOf(pax, 'ctime', name)),
    major: header.major,
    minor: header.minor,
    xattrs: xattrsOf(pax, name, limits),
  };
}

/** In archives before ustar a folder is a file whose name ends in a slash. */
function typeOf(type: Exclude<HeaderType, MetaType>, name: Buffer): EntryType {
  if (type === 'old-file') return name.at(-1) === 0x2f ? 'directory' : 'file';
  return type === 'sparse' ? 'file' : type;
}

function atimeOf(paxNs: bigint | undefined, seconds: number | undefined): bigint | undefined {
  if (paxNs !== undefined) return keptTime(paxNs);
  return seconds === undefined ? undefined : keptTime(BigInt(seconds) * 1_000_000_000n);
}

function ctimeOf(paxNs: bigint | undefined): Pick<TarEntry, 'ctimeNs'> {
  return paxNs === undefined ? {} : { ctimeNs: keptTime(paxNs) };
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

function timeOf(pax: PaxRecords | undefined, key: string, name: Buffer): bigint | undefined {
  const text = pax?.get(key)?.toString('latin1');
  if (text === undefined) return undefined;
  const found = /^(-?)(\d{1,18})(?:\.(\d{0,30}))?$/.exec(text);
  if (found === null) {
    throw new LadingError(Code.InvalidArgument, `tar: the ${key} of ${shown(name)} is not a time`, {
      reason: 'TAR_PAX',
    });
  }
  const [, sign, seconds = '0', fraction = ''] = found;
  const ns = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
  return sign === '-' ? -ns : ns;
}

/** Times before 1970, or later than 64 bits of nanoseconds can say, become 1970: so Go's containers/storage has it. */
export function keptTime(ns: bigint): bigint {
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
  for (const [record, bytes] of pax) {
    const isPlain = record.startsWith(xattrPrefix);
    if (!isPlain && !record.startsWith(libarchiveXattrPrefix)) continue;
    const key = isPlain
      ? record.slice(xattrPrefix.length)
      : urlDecoded(record.slice(libarchiveXattrPrefix.length));
    const value = isPlain ? bytes : Buffer.from(bytes.toString('latin1'), 'base64');
    if (value.length > limits.xattrBytes) {
      throw new LadingError(
        Code.ResourceExhausted,
        `tar: an extended attribute of ${shown(name)} has ${value.length} bytes; at most ${limits.xattrBytes} are taken`,
        { reason: 'LAYER_LIMIT' },
      );
    }
    // libarchive writes both forms, and the Go tools read only the first.
    if (isPlain || !found.has(key)) found.set(key, value);
  }
  return found;
}

function urlDecoded(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
