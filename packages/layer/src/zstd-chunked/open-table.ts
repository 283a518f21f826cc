// SPDX-License-Identifier: Apache-2.0
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { Descriptor, Digest } from '@lading/image-spec';
import type { LayerSource } from '../layer-source.ts';
import { type ChunkedTable, parseTable } from './parse-table.ts';
import { type Position, positionsOf } from './positions.ts';
import { tableFault } from './table-fault.ts';
import { digestOf } from './trailer.ts';

/** Reads bytes `start` to before `end` of a blob. */
export type ReadRange = (start: number, end: number) => LayerSource;

/** A layer whose table of contents was read. */
export interface ChunkedLayer extends ChunkedTable {
  /** Of the table, as the layer's annotation has it. */
  readonly tableDigest: Digest;
  /** What puts the archive together from the files, compressed; older tools keep none. */
  readonly tarSplit: { readonly compressed: Buffer; readonly uncompressedBytes: number } | undefined;
}

const decompressAll = promisify(zstdDecompress);

/**
 * Fetches the table of contents of a zstd:chunked layer, in one request, and checks it against the layer's annotations.
 * Undefined for a layer that says of none.
 *
 * @throws LadingError `data_loss` (`CHUNKED_TABLE`) for a table that cannot be used; what `read` throws
 * @example
 * ```ts
 * import { compressLayer, openTable, packEntries } from '@lading/layer';
 *
 * const made = compressLayer(packEntries([{ type: 'file', path: 'motd', content: 'hello' }]), {
 *   compression: 'zstd:chunked',
 * });
 * const blob = Buffer.concat(await Array.fromAsync(made.chunks));
 * async function* read(start: number, end: number) {
 *   yield blob.subarray(start, end); // from a registry, by Range
 * }
 * const table = await openTable(made.result().descriptor, read);
 * console.log(table?.files.get('motd')?.size); // → 5
 * ```
 */
export async function openTable(layer: Descriptor, read: ReadRange): Promise<ChunkedLayer | undefined> {
  const positions = positionsOf(layer);
  if (positions === undefined) return undefined;
  const { table, tarSplit, checksum } = positions;
  const last = tarSplit ?? table;
  const bytes = await readAll(read, table.at, last.at + last.compressedBytes);
  const part = ({ at, compressedBytes }: Position): Buffer =>
    bytes.subarray(at - table.at, at - table.at + compressedBytes);
  const compressedTable = part(table);
  const tableDigest: Digest = digestOf(compressedTable);
  if (tableDigest !== checksum) throw tableFault(`its digest is ${tableDigest}, not ${checksum}`);
  const parsed = parseTable(await textOf(compressedTable, table.uncompressedBytes), layer.size, table.at);
  const compressed = tarSplit === undefined ? undefined : part(tarSplit);
  if (compressed !== undefined && digestOf(compressed) !== parsed.tarSplitDigest)
    throw tableFault('its tar-split data has another digest');
  return {
    ...parsed,
    tableDigest,
    tarSplit: compressed &&
      tarSplit && { compressed: Buffer.from(compressed), uncompressedBytes: tarSplit.uncompressedBytes },
  };
}

async function textOf(compressed: Buffer, bytes: number): Promise<string> {
  try {
    // What stands behind the first frame is dropped by Node; nothing of ours stands there.
    const text = await decompressAll(compressed, { maxOutputLength: bytes });
    if (text.length !== bytes) throw tableFault(`it has ${text.length} bytes, not ${bytes}`);
    return text.toString();
  } catch (cause) {
    throw tableFault('it does not decompress to the size that is said', cause);
  }
}

async function readAll(read: ReadRange, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  let at = 0;
  for await (const chunk of read(start, end)) {
    if (at + chunk.length > bytes.length) throw tableFault('more bytes came than were asked for');
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at < bytes.length) throw tableFault('fewer bytes came than were asked for');
  return bytes;
}
