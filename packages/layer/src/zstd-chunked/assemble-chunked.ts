// SPDX-License-Identifier: Apache-2.0
import { setImmediate as turn } from 'node:timers/promises';
import { assembleTar } from '../assemble-tar.ts';
import { decompress } from '../decompress.ts';
import type { LayerSource } from '../layer-source.ts';
import { createRunReader, runsOf } from './blob-runs.ts';
import { fileContent } from './file-content.ts';
import { localFiles, type OpenAgain } from './local-files.ts';
import type { ChunkedLayer, ReadRange } from './open-table.ts';
import type { ChunkedFile } from './parse-table.ts';
import { tableFault } from './table-fault.ts';

export interface AssembleChunkedOptions {
  readonly read: ReadRange;
  /** Folders that other layers were unpacked into. */
  readonly folders: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Above this share of a layer its whole blob is the better choice: one request, and its digest is checked too. */
const mostShare = 0.9;

/**
 * The archive of a zstd:chunked layer, of which only files are fetched that no other layer has. Each file is checked by
 * its digest; that the archive is the right one is only known by its diffID, which is the caller's to check. Undefined
 * where little would be saved, or where the archive cannot be had without all of the blob.
 *
 * @throws LadingError from the iteration: `data_loss` for a table or bytes that are wrong, what `read` throws
 * @example
 * ```ts
 * import { createHash } from 'node:crypto';
 * import { mkdtemp, writeFile } from 'node:fs/promises';
 * import { assembleChunked, compressLayer, openTable, packEntries } from '@lading/layer';
 *
 * const folder = await mkdtemp('/tmp/lading-example-');
 * await writeFile(`${folder}/motd`, 'hello');
 * const made = compressLayer(packEntries([{ type: 'file', path: 'motd', content: 'hello' }]), {
 *   compression: 'zstd:chunked',
 * });
 * const blob = Buffer.concat(await Array.fromAsync(made.chunks));
 * const { descriptor, diffId } = made.result();
 * async function* read(start: number, end: number) {
 *   yield blob.subarray(start, end);
 * }
 * const table = await openTable(descriptor, read);
 * const archive = table && (await assembleChunked(table, { read, folders: [folder] }));
 * const hash = createHash('sha256');
 * for await (const chunk of archive ?? []) hash.update(chunk);
 * console.log(`sha256:${hash.digest('hex')}` === diffId); // → true
 * ```
 */
export async function assembleChunked(
  layer: ChunkedLayer,
  { read, folders, signal }: AssembleChunkedOptions,
): Promise<LayerSource | undefined> {
  const { files, tarSplit } = layer;
  if (tarSplit === undefined) return undefined;
  const find = localFiles(folders);
  const found = new Map<string, OpenAgain>();
  const missing: ChunkedFile[] = [];
  let looked = 0;
  for (const file of files.values()) {
    const open = await find(file);
    if (open === undefined) missing.push(file);
    else found.set(file.name, open);
    looked += 1;
    // Small files are read without a turn of the event loop, in which other layers go on.
    if (looked % 50 === 0) await turn();
    signal?.throwIfAborted();
  }
  const runs = runsOf(missing);
  const bytesOf = (each: Iterable<{ start: number; end: number }>): number =>
    [...each].reduce((sum, { start, end }) => sum + end - start, 0);
  if (bytesOf(runs) > mostShare * bytesOf(files.values())) return undefined;
  return createArchive(layer, tarSplit, found, createRunReader(runs, read));
}

function createArchive(
  { files }: ChunkedLayer,
  tarSplit: NonNullable<ChunkedLayer['tarSplit']>,
  found: ReadonlyMap<string, OpenAgain>,
  reader: ReturnType<typeof createRunReader>,
): LayerSource {
  const archive = assembleTar(unpacked(tarSplit), (name) => {
    const file = files.get(name.toString());
    if (file === undefined)
      throw tableFault(`${JSON.stringify(name.toString().slice(0, 200))} is missing in it`);
    return found.get(file.name)?.() ?? fileContent(file, reader.read(file));
  });
  async function* closing(): AsyncGenerator<Uint8Array> {
    try {
      yield* archive;
    } finally {
      await reader.close();
    }
  }
  return Object.assign(closing(), { recycle: archive.recycle });
}

/** Data that goes on is cut off: so few bytes can become gigabytes. */
async function* unpacked({
  compressed,
  uncompressedBytes,
}: NonNullable<ChunkedLayer['tarSplit']>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of decompress(once(compressed)).chunks) {
    bytes += chunk.length;
    if (bytes > uncompressedBytes)
      throw tableFault(`its tar-split data has more than ${uncompressedBytes} bytes`);
    yield chunk;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
