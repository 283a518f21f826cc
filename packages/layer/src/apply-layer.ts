// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { type Digest, parseDigest } from '@lading/image-spec';
import type { Compression } from './compression.ts';
import { decompress } from './decompress.ts';
import { startExtractThread } from './extract-thread.ts';
import { haltable } from './haltable.ts';
import type { IdMapping } from './id-map.ts';
import type { LayerSource } from './layer-source.ts';
import { defaultLimits, type LayerLimits } from './limits.ts';
import type { OverlayXattrs } from './overlay-marks.ts';
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
  /** Ends it at once, also while the source gives nothing. */
  readonly signal?: AbortSignal;
  /**
   * What becomes of whiteouts. `overlay`: devices 0/0 and opaque marks, as overlayfs reads them. `remove`: what they
   * name is removed, from a folder that holds the layers below. `none`: there are none, and files of such names are
   * files as others are, for an archive that is no layer. Default `overlay`.
   */
  readonly whiteouts?: 'overlay' | 'remove' | 'none';
  /**
   * Whether an entry that is no folder may take the place of a folder with all that is in it, and a folder that of
   * something else. Default true.
   */
  readonly replaceKinds?: boolean | undefined;
  /** Whose all files become, before the id maps, whatever the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /**
   * Where to write the tar-split file, from which the archive can be put together again; it must not exist, and is
   * removed again on failure. A layer in which a path stands twice is then refused, as by the Go tools.
   * Default: none is written.
   */
  readonly tarSplitFile?: string;
  readonly limits?: Partial<LayerLimits>;
  /**
   * How entries are kept inside of the folder. `chroot`: the folder is the root of the thread; needs CAP_SYS_CHROOT.
   * `walk`: the kernel walks each path so that it cannot leave the folder; needs Linux 5.6, no capability, and takes
   * longer. Default `chroot` where the process may.
   */
  readonly confinement?: 'chroot' | 'walk' | undefined;
  /** Names of the marks of overlay. Default `trusted`, or `user` where the process may not set those. */
  readonly overlayXattrs?: OverlayXattrs | undefined;
  /** Turns the owners in the archive into owners on the disk. Default: they are the same. */
  readonly uidMap?: readonly IdMapping[] | undefined;
  /** As `uidMap`, for groups. */
  readonly gidMap?: readonly IdMapping[] | undefined;
  /** Whether files that the process may not give away stay its own, instead of being an error. Default false. */
  readonly ignoreChownErrors?: boolean | undefined;
  /**
   * The digest of the bytes as they come, for a source that verifies them itself and fails when they are others.
   * Default: it is computed.
   */
  readonly verifiedDigest?: Digest | undefined;
  /** `current` counts bytes of the uncompressed archive. */
  readonly onProgress?: (event: {
    readonly kind: 'layer';
    readonly state: 'extracting';
    readonly current: number;
  }) => void;
}

/**
 * Unpacks a layer (tar, plain or compressed with gzip, zstd, bzip2 or xz, told by its content) into an existing folder. The
 * digests of both forms, the owners and the tar-split file come from the same pass. The caller compares the digests,
 * and deletes the folder when this fails: it is not left empty.
 *
 * Extraction runs on a worker thread whose root is the folder, or without CAP_SYS_CHROOT by paths that the kernel walks
 * inside of it: no entry can write, read or remove anything outside. The folder's own mode, owner and times are left
 * alone. Without root, devices and attributes of the system are left out, and owners need `ignoreChownErrors`.
 *
 * @throws LadingError `invalid_argument` for a hostile or broken archive, naming the entry; `resource_exhausted` for
 * a limit or a full disk; `data_loss` for one that was cut; `canceled`; what the source throws
 */
export async function applyLayer(
  source: LayerSource,
  directory: string,
  options: ApplyOptions = {},
): Promise<AppliedLayer> {
  const { signal, tarSplitFile } = options;
  try {
    signal?.throwIfAborted();
    if (tarSplitFile === undefined) return await extract(source, directory, options, undefined);
    const split = await createTarSplitFile(tarSplitFile);
    let result: AppliedLayer | undefined;
    try {
      result = await extract(source, directory, options, split);
      return result;
    } finally {
      await (result === undefined ? split.discard() : split.close());
    }
  } catch (error) {
    throw LadingError.from(error);
  }
}

async function extract(
  source: LayerSource,
  directory: string,
  options: ApplyOptions,
  split: Awaited<ReturnType<typeof createTarSplitFile>> | undefined,
): Promise<AppliedLayer> {
  const { signal, whiteouts = 'overlay', verifiedDigest, onProgress } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const compressed = verifiedDigest ?? createHash('sha256');
  const plain = createHash('sha256');
  let compressedSize = 0;
  let diffSize = 0;
  let isPlain = false;

  const { chunks: arriving, halt } = haltable(source);
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of arriving) {
      if (typeof compressed !== 'string') compressed.update(chunk);
      compressedSize += chunk.length;
      yield chunk;
    }
  }
  const recycle = (chunk: Uint8Array): void => source.recycle?.(chunk);
  const thread = startExtractThread(
    {
      directory,
      whiteouts,
      replaceKinds: options.replaceKinds ?? true,
      owner: options.owner,
      tarSplit: split !== undefined,
      limits,
      confinement: options.confinement,
      overlayXattrs: options.overlayXattrs,
      uidMap: options.uidMap,
      gidMap: options.gidMap,
      ignoreChownErrors: options.ignoreChownErrors ?? false,
    },
    { onSplit: (lines) => split?.write(lines), onFailure: halt },
  );
  const abort = (): void => thread.fail(LadingError.from(signal?.reason, Code.Canceled));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const { chunks, compression, release } = decompress(Object.assign(counted(), { recycle }));
    for await (const chunk of chunks) {
      diffSize += chunk.length;
      try {
        // Without a compression both digests are of the same bytes.
        isPlain = typeof compressed !== 'string' && compression() === 'none';
        if (!isPlain) plain.update(chunk);
        await thread.write(chunk, compressedSize);
        release(chunk);
        await split?.drained();
      } catch (error) {
        halt(error); // else leaving the loop would wait for a source that may give nothing any more
        throw error;
      }
      onProgress?.({ kind: 'layer', state: 'extracting', current: diffSize });
    }
    const { uids, gids } = await thread.end();
    await split?.end();
    const digestOf = (hash: Hash): Digest => parseDigest(`sha256:${hash.digest('hex')}`);
    const compressedDigest = typeof compressed === 'string' ? compressed : digestOf(compressed);
    const diffId = isPlain ? compressedDigest : digestOf(plain);
    return {
      diffId,
      diffSize,
      compressedDigest,
      compressedSize,
      compression: compression(),
      uids,
      gids,
    };
  } finally {
    signal?.removeEventListener('abort', abort);
    await thread.stop();
  }
}
