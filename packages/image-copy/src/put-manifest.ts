// SPDX-License-Identifier: Apache-2.0
import { isIndexType } from '@lading/image-spec';
import type { Copy } from './copy-options.ts';
import { digestOfManifest } from './manifest-digest.ts';
import { step } from './side.ts';
import { putSignatures } from './trust/put-signatures.ts';
import type { ManifestBytes, PutManifestOptions } from './types.ts';

export interface CopyManifestOptions extends PutManifestOptions {
  /** Called after the manifest was put; a registry may refuse its type as late as here. */
  readonly publish?: (() => Promise<void>) | undefined;
}

/** Puts a manifest whose blobs are there, then its signatures, and at last its name. */
export async function putManifest(
  copy: Copy,
  { bytes, mediaType, digest }: ManifestBytes,
  name: string | undefined,
  { publish, instance }: CopyManifestOptions,
): Promise<void> {
  const { destination, options } = copy;
  const { signal, onProgress } = options;
  onProgress?.({ kind: isIndexType(mediaType) ? 'index' : 'manifest', id: digest, state: 'writing' });
  await step('destination', destination.reference, async () => {
    const listed = instance === undefined ? {} : { instance: digest };
    await destination.putManifest(bytes, mediaType, { ...listed, signal });
    // Other tools know a manifest in signatures by this algorithm alone.
    const claim =
      name === undefined
        ? undefined
        : { dockerReference: name, digest: await digestOfManifest(mediaType, bytes, 'sha256') };
    await putSignatures(copy, claim, { digest, ...listed });
    await publish?.();
  });
}
