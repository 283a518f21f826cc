// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  type Index,
  isIndexType,
  parseManifestOrIndex,
} from '@lading/image-spec';
import { convertIndex, formatOf, manifestTypeIn } from './convert.ts';
import { type CopiedManifest, copyManifest } from './copy-manifest.ts';
import { type Copy, fixedBecause, indexFormats } from './copy-options.ts';
import { readInnerIndex } from './inner-images.ts';
import { inFirstFormatTaken } from './manifest-retry.ts';
import { type CopyManifestOptions, putManifest } from './put-manifest.ts';
import { step } from './side.ts';
import { checkPolicy } from './trust/check-policy.ts';
import { signingName } from './trust/put-signatures.ts';
import { withSignatures } from './trust/source-signatures.ts';
import type { ManifestBytes } from './types.ts';

/** One image that an index lists. */
export async function copyInstance(
  context: Copy,
  entry: Descriptor,
  put: CopyManifestOptions,
): Promise<CopiedManifest> {
  const { source, options } = context;
  const { bytes, manifest } = await step('source', source.reference, async () => {
    const found = await source.manifest(entry.digest, { signal: options.signal });
    const document = parseManifestOrIndex(found.bytes, entry.mediaType);
    if (document.kind === 'index') {
      throw new LadingError(
        Code.InvalidArgument,
        `${entry.digest} is an index, the index says ${entry.mediaType}`,
        {
          reason: 'MANIFEST_INVALID',
        },
      );
    }
    return { bytes: { ...found, mediaType: entry.mediaType }, manifest: document.manifest };
  });
  return copyManifest(await ofInstance(context, bytes, entry.digest), bytes, manifest, put);
}

/** The copy of an image or index that another index lists, with signatures of its own, once the policy allows it. */
async function ofInstance(context: Copy, bytes: ManifestBytes, digest: Digest): Promise<Copy> {
  const unsigned: Copy = { ...context, signatures: undefined };
  await checkPolicy(unsigned, bytes, digest);
  return withSignatures(unsigned, bytes, digest);
}

/** Every image of the index where that is wanted, then the index: rewritten if the images were. */
export async function copyIndex(
  context: Copy,
  top: ManifestBytes,
  index: Index,
  withImages: boolean,
  put: CopyManifestOptions,
  depth = 0,
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
    const instance = { instance: entry.digest };
    const descriptor = isIndexType(entry.mediaType)
      ? await copyInnerIndex(context, entry, instance, depth + 1)
      : (await copyInstance(context, entry, instance)).descriptor;
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
    await putManifest(context, { bytes, mediaType: descriptor.mediaType, digest }, name, put);
    return { ...descriptor, digest };
  });
}

async function copyInnerIndex(
  context: Copy,
  entry: Descriptor,
  put: CopyManifestOptions,
  depth: number,
): Promise<Descriptor> {
  const { source, options } = context;
  const { found, index } = await step('source', source.reference, () =>
    readInnerIndex(source, entry, depth, options),
  );
  return copyIndex(await ofInstance(context, found, entry.digest), found, index, true, put, depth);
}
