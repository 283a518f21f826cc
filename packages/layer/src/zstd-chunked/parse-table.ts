// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import { pathInLayer } from '../entry-path.ts';
import { defaultLimits } from '../limits.ts';
import { tableFault } from './table-fault.ts';

/** A file of a layer that can be fetched by itself. */
export interface ChunkedFile {
  /** As the archive has it. */
  readonly name: string;
  readonly size: number;
  /** Of the content. */
  readonly digest: Digest;
  /** Where the frames with its content begin in the blob. */
  readonly start: number;
  readonly end: number;
  /** False for one in several parts, each of which is a frame. */
  readonly isOneFrame: boolean;
}

/** A table of contents, as far as it is needed. */
export interface ChunkedTable {
  /** Those that have a content, in the order of the archive. */
  readonly files: ReadonlyMap<string, ChunkedFile>;
  /** Of the compressed tar-split data. */
  readonly tarSplitDigest: string | undefined;
}

/**
 * Reads a table of contents. Its author may be hostile, and a name is the place of a file: one that climbs out, two
 * files of one name, frames that overlap or are elsewhere, and sizes that a blob of this size cannot have are refused.
 *
 * @throws LadingError `data_loss`
 */
export function parseTable(text: string, blobBytes: number, dataEnd: number): ChunkedTable {
  const { version, entries, tarSplitDigest } = membersOf(parsed(text));
  if (version !== 1) throw tableFault(`its version is ${JSON.stringify(version)?.slice(0, 20)}, not 1`);
  if (!Array.isArray(entries)) throw tableFault('it has no entries');
  if (tarSplitDigest !== undefined && typeof tarSplitDigest !== 'string')
    throw tableFault('the digest of its tar-split data is no text');
  const { ratio, ratioFromBytes, totalBytes } = defaultLimits;
  const mostBytes = Math.min(totalBytes, Math.max(ratioFromBytes, ratio * blobBytes));
  const files = new Map<string, ChunkedFile>();
  let end = 0;
  let bytes = 0;
  for (const [i, entry] of entries.entries()) {
    const file = fileOf(membersOf(entry), !isChunk(entries[i + 1]));
    if (file === undefined) continue;
    if (files.has(file.name)) throw tableFault(`${shownText(file.name)} stands twice`);
    if (file.start < end || file.end <= file.start || file.end > dataEnd)
      throw tableFault(`${shownText(file.name)} overlaps with something else, or is not in the blob`);
    end = file.end;
    bytes += file.size;
    if (bytes > mostBytes) throw tableFault(`its files have more than ${mostBytes} bytes`);
    files.set(file.name, file);
  }
  return { files, tarSplitDigest };
}

function fileOf(entry: Readonly<Record<string, unknown>>, isOneFrame: boolean): ChunkedFile | undefined {
  const { type, name, size = 0, digest, offset, endOffset } = entry;
  if (typeof type !== 'string' || typeof name !== 'string') throw tableFault('an entry has no name or type');
  // The climbing of any entry says enough about the author.
  try {
    pathInLayer(Buffer.from(name), 'name');
  } catch (cause) {
    throw tableFault(`${shownText(name)} leads out of the layer`, cause);
  }
  if (type !== 'reg' || size === 0) return undefined;
  if (!isCount(size) || !isCount(offset) || !isCount(endOffset))
    throw tableFault(`${shownText(name)} has a size or a place that is none`);
  if (!isDigest(digest)) throw tableFault(`${shownText(name)} has no digest of SHA-256`);
  return { name, size, digest, start: offset, end: endOffset, isOneFrame };
}

function isChunk(entry: unknown): boolean {
  return entry !== undefined && membersOf(entry).type === 'chunk';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw tableFault('it is no JSON', cause);
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw tableFault('an object is missing');
  return { ...value };
}

function shownText(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}
