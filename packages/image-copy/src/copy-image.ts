// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, parseManifestOrIndex } from '@lading/image-spec';
import { chooseInstance, hostPlatform } from './choose-instance.ts';
import { copyIndex, copyInstance } from './copy-index.ts';
import { copyManifest } from './copy-manifest.ts';
import type { Copy, CopyOptions } from './copy-options.ts';
import { withInnerImages } from './inner-images.ts';
import { withRateLimit } from './rate-limit.ts';
import { createReformedLayers } from './reformed-layers.ts';
import { isSchema1Type } from './schema1/read-schema1.ts';
import { canceled, step } from './side.ts';
import { checkPolicy } from './trust/check-policy.ts';
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
  const { bytesPerSecond } = options;
  const from = bytesPerSecond === undefined ? source : withRateLimit(source, bytesPerSecond);
  const reformed = createReformedLayers();
  try {
    return await copy({ source: from, destination, options, reformed });
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
    const withImages = platform === 'all';
    const descriptor = await copyIndex(signed, top, document.index, withImages, { publish: () => commit() });
    return { descriptor, config: undefined, sourceDigest: top.digest };
  }
  const chosen = await step('source', source.reference, async () =>
    chooseInstance(await withInnerImages(source, document.index, { signal }), platform),
  );
  const copied = await copyInstance(context, chosen, { publish: () => commit(top) });
  return { descriptor: copied.descriptor, config: copied.config, sourceDigest: top.digest };

  async function commit(chosenFrom?: ManifestBytes): Promise<void> {
    await step('destination', destination.reference, () => destination.commit({ signal, chosenFrom }));
  }
}
