// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Descriptor, Digest } from '@lading/image-spec';
import { assembleChunked, type LayerSource, openTable } from '@lading/layer';
import type { StagedLayer } from '@lading/storage';
import type { PutBlobOptions } from '../types.ts';
import type { ImageStore } from './store.ts';

/** Failures after which reading all of the blob may do, which then says itself what is wrong. */
const hopefulCodes: ReadonlySet<Code> = new Set([
  Code.DataLoss,
  Code.InvalidArgument,
  Code.NotFound,
  Code.OutOfRange,
  Code.Unimplemented,
]);

/**
 * Stages a zstd:chunked layer of which only the files are fetched that no layer of the store has. The archive is put
 * together and its diffID is checked as that of any layer, so that the store has the same in either way; only the digest
 * of the compressed blob is not proven, and not noted. Undefined where all of the blob is to be read.
 */
export async function stageChunked(
  store: ImageStore,
  layer: Descriptor,
  expectedDiffId: Digest,
  { sourcePart, signal, onProgress }: PutBlobOptions,
): Promise<StagedLayer | undefined> {
  if (sourcePart === undefined) return undefined;
  let current = 0;
  const read = (start: number, end: number): LayerSource => {
    const part = sourcePart(start, end);
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of part) {
        current += chunk.length;
        yield chunk;
        onProgress?.(current);
      }
    }
    return counted();
  };
  try {
    const folders = await store.layers.contentFolders({ signal });
    if (folders.length === 0) return undefined;
    const chunked = await openTable(layer, read);
    if (chunked === undefined) return undefined;
    const archive = await assembleChunked(chunked, { read, folders, signal });
    if (archive === undefined) return undefined;
    return await store.layers.stage(archive, {
      expectedDiffId,
      tocDigest: chunked.tableDigest,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    const known = LadingError.from(error);
    if (signal?.aborted || !hopefulCodes.has(known.code)) throw known;
    return undefined;
  }
}
