// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, MediaType } from '@lading/image-spec';
import { type CopiedManifest, copyManifest } from '../copy-manifest.ts';
import { type Copy, fixedBecause, type ImageFormat, targetFormats } from '../copy-options.ts';
import { descriptorOfManifest } from '../manifest-digest.ts';
import { inFirstFormatTaken } from '../manifest-retry.ts';
import { inParallel } from '../parallel.ts';
import { putBlob, sourceOf } from '../put-blob.ts';
import { type CopyManifestOptions, putManifest } from '../put-manifest.ts';
import { step } from '../side.ts';
import { signingName } from '../trust/put-signatures.ts';
import type { ManifestBytes } from '../types.ts';
import { readSchema1, type Schema1 } from './read-schema1.ts';
import { describeBlobs, type UpgradedImage, upgradeSchema1 } from './schema1-source.ts';
import { renameSchema1 } from './write-schema1.ts';

/** Copies an image of Docker's schema 1: as it is to where that is taken, else as one of a later format. */
export async function copySchema1(
  copy: Copy,
  found: ManifestBytes,
  put: CopyManifestOptions = {},
): Promise<CopiedManifest> {
  const { source } = copy;
  const schema1 = await step('source', source.reference, async () => readSchema1(found.bytes));
  const formats = targetFormats(copy, found.mediaType);
  const bytes = formats.includes('v2s1') ? bytesToWrite(copy, found, schema1) : found.bytes;
  const blobs = await describeBlobs(copy, schema1);
  let upgraded: UpgradedImage | undefined;
  try {
    return await inFirstFormatTaken(copy, formats, async (format: ImageFormat) => {
      if (format === 'v2s1') return copyAsItIs(copy, bytes, blobs, put);
      upgraded ??= await upgradeSchema1(copy, schema1, blobs);
      const { top, manifest } = upgraded;
      return copyManifest(
        { ...copy, source: upgraded.source, options: { ...copy.options, format } },
        top,
        manifest,
        put,
      );
    });
  } finally {
    await upgraded?.source.close();
  }
}

/** The manifest says where it is, and registries hold it to that: elsewhere it is written anew. */
function bytesToWrite(copy: Copy, found: ManifestBytes, { manifest }: Schema1): Uint8Array {
  const name = copy.destination.embeddedName;
  if (name === undefined || (manifest.name === name.repository && manifest.tag === name.tag)) {
    return found.bytes;
  }
  const fixed = fixedBecause(copy);
  if (fixed === undefined) return renameSchema1(manifest, name);
  throw new LadingError(
    Code.FailedPrecondition,
    `a manifest of schema 1 names its place, so ${copy.destination.reference} would change it, and ${fixed}`,
    { details: { side: 'destination' } },
  );
}

async function copyAsItIs(
  copy: Copy,
  bytes: Uint8Array,
  blobs: ReadonlyMap<Digest, Descriptor>,
  put: CopyManifestOptions,
): Promise<CopiedManifest> {
  const { options } = copy;
  const { signal } = options;
  const name = await signingName(copy);
  await inParallel([...blobs.values()], options.parallel ?? 6, signal, (blob, both) =>
    putBlob(copy, blob, 'layer', undefined, both, sourceOf(copy, blob, both)),
  );
  const mediaType = MediaType.DockerManifestV1Signed;
  const descriptor = await descriptorOfManifest(mediaType, bytes);
  await putManifest(copy, { ...descriptor, bytes }, name, put);
  return { descriptor, config: undefined };
}
