// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  type Index,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { chooseInstance, hostPlatform } from './choose-instance.ts';
import { convertIndex, formatOf, manifestTypeIn } from './convert.ts';
import { type CopiedManifest, copyManifest } from './copy-manifest.ts';
import { type Copy, type CopyOptions, fixedBecause, indexFormats } from './copy-options.ts';
import { inFirstFormatTaken } from './manifest-retry.ts';
import { type CopyManifestOptions, putManifest } from './put-manifest.ts';
import { createReformedLayers } from './reformed-layers.ts';
import { isSchema1Type } from './schema1/read-schema1.ts';
import { canceled, onSide, step } from './side.ts';
import { checkPolicy } from './trust/check-policy.ts';
import { signingName } from './trust/put-signatures.ts';
import { withSignatures } from './trust/source-signatures.ts';
import type { ImageDestination, ImageSource, ManifestBytes } from './types.ts';

/** What was written. */
export interface CopyResult {
  /** The manifest or index that the destination's reference names now. */
  readonly descriptor: Descriptor;
  /** The config of the one image that was copied: its digest is the image's ID. Docker's schema 1 has none. */
  readonly config: Digest | undefined;
  /** What the source's reference names. */
  readonly sourceDigest: Digest;
}

/**
 * Copies an image: its layers in parallel, its config, its manifest, and at last the name. After a failure or
 * an abort the destination holds nothing half made. Neither side is closed.
 *
 * Errors say which side failed, in the message and as `details.side`.
 *
 * @throws NotFound (`PLATFORM_UNKNOWN`) when an index has no image for the platform; DataLoss for bytes that
 * are not what their digest says; PermissionDenied (`POLICY_REJECTED`) when
 * the policy refuses the image, before any layer is read
 */
export async function copyImage(
  source: ImageSource,
  destination: ImageDestination,
  options: CopyOptions = {},
): Promise<CopyResult> {
  if (options.preserveDigests === true && options.format !== undefined) {
    throw new LadingError(Code.InvalidArgument, 'preserveDigests and format contradict each other');
  }
  const reformed = createReformedLayers();
  try {
    return await copy({ source, destination, options, reformed });
  } catch (error) {
    const known = LadingError.from(error);
    try {
      await destination.abort();
    } catch (cleanup) {
      const { message } = LadingError.from(cleanup);
      throw new LadingError(known.code, `${known.message}; and cleaning up failed: ${message}`, {
        ...(known.reason === undefined ? {} : { reason: known.reason }),
        details: { ...known.details },
        cause: new AggregateError([error, cleanup]),
      });
    }
    const { signal } = options;
    if (signal?.aborted && known.code !== Code.DataLoss) {
      throw canceled(`copying ${source.reference} to ${destination.reference}`, signal);
    }
    throw known;
  } finally {
    await reformed.close();
  }
}

async function copy(context: Copy): Promise<CopyResult> {
  const { source, destination, options } = context;
  const { signal, platform = hostPlatform() } = options;
  signal?.throwIfAborted();
  const { top, document } = await step('source', source.reference, async () => {
    const top = await source.manifest(undefined, { signal });
    return {
      top,
      document: isSchema1Type(top.mediaType) ? undefined : parseManifestOrIndex(top.bytes, top.mediaType),
    };
  });
  if (document === undefined) {
    await checkPolicy(context, top);
    const signed = await withSignatures(context, top);
    const copied = await (await import('./schema1/copy-schema1.ts')).copySchema1(signed, top, {
      publish: () => commit(),
    });
    return { descriptor: copied.descriptor, config: copied.config, sourceDigest: top.digest };
  }
  if (document.kind === 'manifest') {
    await checkPolicy(context, top);
    const signed = await withSignatures(context, top);
    const copied = await copyManifest(signed, top, document.manifest, { publish: () => commit() });
    return { descriptor: copied.descriptor, config: copied.config, sourceDigest: top.digest };
  }
  if (platform === 'all' || platform === 'index-only') {
    await checkPolicy(context, top);
    const signed = await withSignatures(context, top);
    const descriptor = await copyIndex(signed, top, document.index, platform === 'all', () => commit());
    return { descriptor, config: undefined, sourceDigest: top.digest };
  }
  let chosen: Descriptor;
  try {
    chosen = chooseInstance(document.index, platform);
  } catch (error) {
    throw onSide('source', source.reference, error);
  }
  const copied = await copyInstance(context, chosen, { publish: () => commit(top) });
  return { descriptor: copied.descriptor, config: copied.config, sourceDigest: top.digest };

  async function commit(chosenFrom?: ManifestBytes): Promise<void> {
    await step('destination', destination.reference, () => destination.commit({ signal, chosenFrom }));
  }
}

async function copyInstance(
  context: Copy,
  entry: Descriptor,
  put: CopyManifestOptions,
): Promise<CopiedManifest> {
  const { source, options } = context;
  const { bytes, manifest } = await step('source', source.reference, async () => {
    const found = await source.manifest(entry.digest, { signal: options.signal });
    const document = parseManifestOrIndex(found.bytes, entry.mediaType);
    if (document.kind === 'index') {
      throw new LadingError(Code.Unimplemented, `${entry.digest} in the index is an index itself`, {
        reason: 'UNSUPPORTED',
      });
    }
    return { bytes: { ...found, mediaType: entry.mediaType }, manifest: document.manifest };
  });
  const unsigned: Copy = { ...context, signatures: undefined };
  await checkPolicy(unsigned, bytes, entry.digest);
  return copyManifest(await withSignatures(unsigned, bytes, entry.digest), bytes, manifest, put);
}

/** Every image of the index where that is wanted, then the index: rewritten if the images were. */
async function copyIndex(
  context: Copy,
  top: ManifestBytes,
  index: Index,
  withImages: boolean,
  publish: () => Promise<void>,
): Promise<Descriptor> {
  const { destination, options } = context;
  const { onProgress } = options;
  if (destination.takesIndexes === false) {
    throw new LadingError(
      Code.Unimplemented,
      `${destination.reference} takes one image, no index: choose a platform`,
      { reason: 'UNSUPPORTED', details: { side: 'destination' } },
    );
  }
  const formats = indexFormats(context, top.mediaType);
  const name = await signingName(context);
  const changed = new Map<string, Descriptor>();
  const total = index.manifests.length;
  for (const [i, entry] of withImages ? index.manifests.entries() : []) {
    onProgress?.({ kind: 'instance', id: entry.digest, state: 'copying', current: i + 1, total });
    const { descriptor } = await copyInstance(context, entry, { instance: entry.digest });
    if (descriptor.digest !== entry.digest) changed.set(entry.digest, descriptor);
  }
  const fixed = fixedBecause(context);
  if (changed.size > 0 && fixed !== undefined) {
    throw new LadingError(
      Code.FailedPrecondition,
      `${destination.reference}: images of the index were changed, so that it would change, and ${fixed}`,
      { details: { side: 'destination' } },
    );
  }
  return inFirstFormatTaken(context, formats, async (format) => {
    const same = changed.size === 0 && format === formatOf(top.mediaType);
    const bytes = same ? top.bytes : encodeJson(convertIndex(index, format, changed));
    const descriptor = await descriptorOf(manifestTypeIn(format, top.mediaType), bytes);
    const digest = same ? top.digest : descriptor.digest;
    await putManifest(context, { bytes, mediaType: descriptor.mediaType, digest }, name, { publish });
    return { ...descriptor, digest };
  });
}
