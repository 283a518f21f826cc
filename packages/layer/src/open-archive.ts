// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { readOnThread, startArchiver } from './archive-thread.ts';
import { assembleTar } from './assemble-tar.ts';
import type { LayerSource } from './layer-source.ts';
import { openFileIn } from './open-file-in.ts';

export interface OpenArchiveOptions {
  /** Bytes of the archive, which is checked; a large one is put together on another thread. Default: it is not known. */
  readonly sizeBytes?: number | undefined;
  /** Ends it before the next chunk. */
  readonly signal?: AbortSignal | undefined;
}

/** From here on the work of another core is worth the start of a thread. */
const largeBytes = 8 << 20;

/**
 * Puts an archive together again, byte for byte, from its tar-split file and the folders that it was unpacked into, of
 * which the first one that has a file gives it. Names and links lead nowhere outside of them. Every file is checked by
 * its checksum. Chunks are good until they are recycled.
 *
 * @throws LadingError from the iteration: `data_loss` when a file is missing or was changed, naming it, when the
 * tar-split file is broken, or the size is another; `canceled`
 * @example
 * ```ts
 * import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
 * import { applyLayer, openArchive, packFolder } from '@lading/layer';
 *
 * const work = await mkdtemp('/tmp/lading-example-');
 * await mkdir(`${work}/app`);
 * await writeFile(`${work}/app/main.js`, 'console.log(1)');
 * await mkdir(`${work}/layer`);
 * const tarSplitFile = `${work}/layer.tar-split.gz`;
 * const { diffId, diffSize } = await applyLayer(packFolder(`${work}/app`), `${work}/layer`, { tarSplitFile });
 *
 * await mkdir(`${work}/again`);
 * const archive = openArchive(tarSplitFile, [`${work}/layer`], { sizeBytes: diffSize });
 * const again = await applyLayer(archive, `${work}/again`);
 * console.log(again.diffId === diffId); // → true
 * ```
 */
export function openArchive(
  tarSplitFile: string,
  folders: readonly string[],
  { sizeBytes, signal }: OpenArchiveOptions = {},
): Required<LayerSource> {
  const isLarge = sizeBytes !== undefined && isWorthThread(sizeBytes);
  const { chunks, recycle } = isLarge
    ? readOnThread({ tarSplitFile, folders })
    : readHere(tarSplitFile, folders);
  return Object.assign(checked(chunks, sizeBytes, signal), { recycle });
}

/**
 * Starts the thread of {@link openArchive} ahead, while something else is waited for. Nothing where there is one, or
 * the largest archive is no work for it.
 *
 * @example
 * ```ts
 * import { warmUpArchives } from '@lading/layer';
 *
 * warmUpArchives({ largestBytes: 100_000_000 });
 * ```
 */
export function warmUpArchives({ largestBytes }: { readonly largestBytes: number }): void {
  if (isWorthThread(largestBytes)) startArchiver();
}

const isWorthThread = (sizeBytes: number): boolean => sizeBytes >= largeBytes;

function readHere(tarSplitFile: string, folders: readonly string[]): ReturnType<typeof readOnThread> {
  const tar = assembleTar(tarSplitFile, openFileIn(folders));
  return { chunks: tar, recycle: tar.recycle };
}

async function* checked(
  source: AsyncIterable<Uint8Array>,
  sizeBytes: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of source) {
    // Between chunks is enough: every wait in between is a short one.
    if (signal?.aborted) throw LadingError.from(signal.reason, Code.Canceled);
    read += chunk.length;
    yield chunk;
  }
  if (sizeBytes === undefined || read === sizeBytes) return;
  throw new LadingError(Code.DataLoss, `the archive has ${read} bytes; it should have ${sizeBytes}`, {
    reason: 'SIZE_MISMATCH',
  });
}
