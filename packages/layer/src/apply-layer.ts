// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { type Digest, parseDigest } from '@lading/image-spec';
import type { Compression } from './compression.ts';
import { decompress } from './decompress.ts';
import { startExtractThread } from './extract-thread.ts';
import { defaultLimits, type LayerLimits } from './limits.ts';
import { createTarSplitFile } from './tar-split-file.ts';

/** What was learned of a layer while it was unpacked. */
export interface AppliedLayer {
  /** Digest of the uncompressed archive. */
  readonly diffId: Digest;
  readonly diffSize: number;
  /** Digest of the bytes as they came. */
  readonly compressedDigest: Digest;
  readonly compressedSize: number;
  readonly compression: Compression;
  /** Owners in the archive, sorted, those of whiteouts left out. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
}

export interface ApplyOptions {
  readonly signal?: AbortSignal;
  /** `overlay` keeps removals in the form of overlayfs; `remove` carries them out. Default `overlay`. */
  readonly whiteouts?: 'overlay' | 'remove';
  /** Where to write the tar-split file, from which the archive can be put together again. Default: nowhere. */
  readonly tarSplitFile?: string;
  readonly limits?: Partial<LayerLimits>;
  readonly onProgress?: (event: {
    readonly kind: 'layer';
    readonly state: 'extracting';
    readonly current: number;
  }) => void;
}

/**
 * Unpacks a layer (tar, plain or compressed with gzip or zstd) into a folder. The digests of both forms, the owners
 * and the tar-split file come from the same pass. The caller checks the digests, and deletes the folder when this
 * fails: it is not left empty.
 *
 * Extraction runs on a worker thread whose root is the folder: no entry can write, read or remove anything outside.
 * It needs CAP_SYS_CHROOT.
 *
 * @throws LadingError `invalid_argument` for a hostile or broken archive, naming the entry; `resource_exhausted` for
 * a limit; `data_loss` for one that was cut; what the source throws
 */
export async function applyLayer(
  source: AsyncIterable<Uint8Array>,
  directory: string,
  options: ApplyOptions = {},
): Promise<AppliedLayer> {
  const { signal, whiteouts = 'overlay', onProgress } = options;
  signal?.throwIfAborted();
  const limits = { ...defaultLimits, ...options.limits };
  const compressed = createHash('sha256');
  const plain = createHash('sha256');
  let compressedSize = 0;
  let diffSize = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      signal?.throwIfAborted();
      compressed.update(chunk);
      compressedSize += chunk.length;
      yield chunk;
    }
  }
  await using split =
    options.tarSplitFile === undefined ? undefined : await createTarSplitFile(options.tarSplitFile);
  const thread = startExtractThread(
    { directory, whiteouts, tarSplit: split !== undefined, limits },
    (lines) => split?.write(lines),
  );
  try {
    const { chunks, compression } = decompress(counted());
    for await (const chunk of chunks) {
      diffSize += chunk.length;
      if (diffSize > limits.totalBytes) {
        throw new LadingError(
          Code.ResourceExhausted,
          `the layer unpacks to more than ${limits.totalBytes} bytes`,
        );
      }
      plain.update(chunk);
      await thread.write(chunk);
      await split?.drained();
      onProgress?.({ kind: 'layer', state: 'extracting', current: diffSize });
    }
    const { uids, gids } = await thread.end();
    await split?.end();
    signal?.throwIfAborted();
    return {
      diffId: parseDigest(`sha256:${plain.digest('hex')}`),
      diffSize,
      compressedDigest: parseDigest(`sha256:${compressed.digest('hex')}`),
      compressedSize,
      compression: compression(),
      uids,
      gids,
    };
  } catch (error) {
    throw LadingError.from(error);
  } finally {
    await thread.stop();
  }
}
