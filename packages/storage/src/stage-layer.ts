// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm, parseDigest } from '@lading/image-spec';
import { type AppliedLayer, applyLayer, type Compression, type LayerSource } from '@lading/layer';
import { addLayer, type LayerContent } from './add-layer.ts';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { layerId, shortId } from './ids.ts';
import { sweepAllTempDirs } from './layer-ledger.ts';
import { imageHome, newFolder } from './paths.ts';
import { findReadOnlyLayer } from './read-only-stores.ts';
import { emptyLayerRecord } from './record-json.ts';
import type { LayerRecord } from './records.ts';
import { openTempDir } from './temp-dir.ts';
import { recordTime } from './time.ts';
import type { StagedLayer, StageOptions } from './types.ts';

/** The numbers of compressions in layers.json. */
const compressions: Readonly<Record<Compression, number>> = { none: 0, bzip2: 1, gzip: 2, xz: 3, zstd: 4 };

/** Unpacks a layer where only this process looks, and checks its digests. No lock of the store is held meanwhile. */
export async function stageLayer(
  context: StoreContext,
  source: LayerSource,
  options: StageOptions,
): Promise<StagedLayer> {
  const { paths } = context;
  const {
    expectedDigest,
    isVerified = false,
    expectedDiffId,
    tocDigest,
    signal,
    limits,
    onProgress,
  } = options;
  if (expectedDiffId !== undefined && !isSha256(expectedDiffId)) {
    throw new LadingError(Code.Unimplemented, `diffID ${expectedDiffId}: only SHA-256 is supported`);
  }
  await sweepAllTempDirs(paths);
  const folder = await openTempDir(imageHome(paths).overlayTemp);
  const files = await openTempDir(paths.layersTemp).catch(async (error: unknown) => {
    await folder.release();
    throw error;
  });
  const discard = async (): Promise<void> => {
    await Promise.all([folder.release(), files.release()]);
  };
  const content = {
    diff: join(folder.path, '0-addition'),
    tarSplit: join(files.path, '0-addition'),
    isSynced: context.sync === 'filesystem',
  };
  try {
    newFolder(content.diff, 0o700);
    const verifiedDigest = isVerified && isSha256(expectedDigest) ? expectedDigest : undefined;
    const { bytes, digest } = withDigest(source, expectedDigest);
    const applied = await applyLayer(bytes, content.diff, {
      whiteouts: 'overlay',
      overlayXattrs: context.overlayXattrs,
      ignoreChownErrors: context.ignoreChownErrors,
      tarSplitFile: content.tarSplit,
      verifiedDigest,
      ...(signal && { signal }),
      ...(limits && { limits }),
      ...(onProgress && { onProgress }),
    });
    match('layer', digest?.() ?? applied.compressedDigest, expectedDigest);
    match('uncompressed layer', applied.diffId, expectedDiffId);
    return stagedLayer(context, applied, content, tocDigest, discard);
  } catch (error) {
    await discard();
    throw LadingError.from(error);
  }
}

function stagedLayer(
  context: StoreContext,
  applied: AppliedLayer,
  content: LayerContent,
  tocDigest: Digest | undefined,
  discard: () => Promise<void>,
): StagedLayer {
  let state: 'staged' | 'committing' | 'done' = 'staged';
  const end = async (): Promise<void> => {
    state = 'done';
    await discard();
  };
  return {
    applied,
    async commit(parent, { signal } = {}) {
      if (state !== 'staged') {
        throw new LadingError(Code.FailedPrecondition, `layer ${applied.diffId} was committed or discarded`);
      }
      state = 'committing';
      try {
        const record = await commitLayer(context, applied, content, tocDigest, parent, signal);
        await end();
        return record;
      } finally {
        // A commit that was refused can be tried again.
        if (state === 'committing') state = 'staged';
      }
    },
    discard: end,
    [Symbol.asyncDispose]: end,
  };
}

function commitLayer(
  context: StoreContext,
  applied: AppliedLayer,
  content: LayerContent,
  tocDigest: Digest | undefined,
  parent: string | undefined,
  signal: AbortSignal | undefined,
): Promise<LayerRecord> {
  const { paths, layers, containers } = context;
  return layers.writing(signal, async (open) => {
    const id = layerId(parent, applied.diffId);
    const existing = open.get(id) ?? (await findReadOnlyLayer(context, id, signal));
    if (existing !== undefined) return existing;
    if (parent !== undefined) {
      known(open.get(parent) ?? (await findReadOnlyLayer(context, parent, signal)), parent, 'layer');
      const owner = (await containers.read(signal)).all.find(({ layer }) => layer === parent);
      if (owner !== undefined) {
        throw new LadingError(
          Code.FailedPrecondition,
          `layer ${shortId(parent)} is that of container ${shortId(owner.id)}, which can change it; commit the container first`,
        );
      }
    }
    const record: LayerRecord = {
      ...emptyLayerRecord(id, recordTime(undefined), parent),
      compressedDiffDigest: applied.compressedDigest,
      compressedSize: applied.compressedSize,
      diffDigest: applied.diffId,
      diffSize: applied.diffSize,
      tocDigest,
      compression: compressions[applied.compression],
      uidSet: applied.uids,
      gidSet: applied.gids,
    };
    await addLayer(paths, open, record, content, 'images');
    return record;
  });
}

function match(what: string, found: Digest, expected: Digest | undefined): void {
  if (expected === undefined || found === expected) return;
  throw new LadingError(Code.DataLoss, `${what}: expected ${expected}, the bytes that came are ${found}`, {
    reason: 'DIGEST_MISMATCH',
  });
}

function isSha256(digest: Digest | undefined): boolean {
  return digest !== undefined && digestAlgorithm(digest) === 'sha256';
}

/** The SHA-256 comes from unpacking; any other algorithm needs a hash of its own. */
function withDigest(
  source: LayerSource,
  expected: Digest | undefined,
): { bytes: LayerSource; digest?: () => Digest } {
  if (expected === undefined || isSha256(expected)) return { bytes: source };
  const algorithm = digestAlgorithm(expected);
  const hash = createHash(algorithm);
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const recycle = (chunk: Uint8Array): void => source.recycle?.(chunk);
  const digest = (): Digest => {
    return parseDigest(`${algorithm}:${hash.digest('hex')}`);
  };
  return { bytes: Object.assign(hashed(), { recycle }), digest };
}
