// SPDX-License-Identifier: Apache-2.0
import type { TarEntry } from '../tar-entry.ts';
import type { EntryType } from '../tar-header.ts';

/** A part of a file that can be fetched and checked by itself. */
export interface Chunk {
  /** In the file. */
  readonly offset: number;
  readonly size: number;
  /** The zstd frame that it is. */
  readonly frame: number;
  readonly digest: string | undefined;
  readonly isZeros: boolean;
}

/** A file of the archive, with where its content is. */
export interface Content {
  readonly entry: TarEntry;
  /** As the header has it; old ones have the kind of the file in it too. */
  readonly rawMode: number;
  readonly changeTimeNs: bigint | undefined;
  /** Of the content; undefined for files that have none. */
  readonly digest: string | undefined;
  readonly chunks: readonly Chunk[];
  /** The frame after its content. */
  readonly endFrame: number;
}

const types: Readonly<Record<EntryType, string>> = {
  file: 'reg',
  link: 'hardlink',
  symlink: 'symlink',
  char: 'char',
  block: 'block',
  directory: 'dir',
  fifo: 'fifo',
};

/**
 * The lines of the table of contents: one for a file and one for each further chunk of it.
 *
 * @param offsetOf where a frame begins in the blob
 * @see https://github.com/containers/storage/blob/v1.59.1/pkg/chunked/internal/minimal/compression.go
 */
export function tableEntries(content: Content, offsetOf: (frame: number) => number): readonly object[] {
  const { entry, chunks, digest } = content;
  const name = entry.name.toString();
  const [first] = chunks;
  const several = chunks.length > 1;
  const chunkMembers = (chunk: Chunk): object => ({
    offset: offsetOf(chunk.frame),
    ...(several ? { chunkSize: chunk.size } : {}),
    ...(chunk.offset === 0 ? {} : { chunkOffset: chunk.offset }),
    ...(chunk.digest === undefined ? {} : { chunkDigest: chunk.digest }),
    ...(several && chunk.isZeros ? { chunkType: 'zeros' } : {}),
  });
  const xattrs = [...entry.xattrs].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    {
      type: types[entry.type],
      name,
      ...(entry.linkName.length === 0 ? {} : { linkName: entry.linkName.toString() }),
      ...given({ mode: content.rawMode, size: entry.size, uid: entry.uid, gid: entry.gid }),
      modtime: timeText(entry.mtimeNs),
      ...(entry.atimeNs === undefined ? {} : { accesstime: timeText(entry.atimeNs) }),
      ...(content.changeTimeNs === undefined ? {} : { changetime: timeText(content.changeTimeNs) }),
      ...given({ devMajor: entry.major, devMinor: entry.minor }),
      ...(xattrs.length === 0
        ? {}
        : { xattrs: Object.fromEntries(xattrs.map(([key, value]) => [key, value.toString('base64')])) }),
      ...(digest === undefined ? {} : { digest }),
      ...(first === undefined ? {} : { ...chunkMembers(first), endOffset: offsetOf(content.endFrame) }),
    },
    ...chunks.slice(1).map((chunk) => ({ type: 'chunk', name, ...chunkMembers(chunk) })),
  ];
}

/** Go leaves out what is zero. */
function given(members: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== 0));
}

/** RFC 3339 with as many digits as there are. */
function timeText(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = String(ns % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}
