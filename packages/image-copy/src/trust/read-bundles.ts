// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseManifestOrIndex } from '@lading/image-spec';
import type { Repository } from '@lading/registry-client';
import { readSmall } from '../read-small.ts';
import { maxSignatures, signatureLimitBytes } from './image-signature.ts';
import { bundleTypePrefix } from './sigstore-bundle.ts';

/** More than these a repository has for no image; who wants to look at all of them asks for it by tag. */
const maxReferrers = 1024;

/** Reads the sigstore bundles that refer to a manifest, as cosign 3 keeps signatures. */
export async function readBundles(
  repository: Repository,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = [];
  let seen = 0;
  for await (const referrer of repository.referrers(digest, { signal })) {
    seen += 1;
    if (seen > maxReferrers || found.length >= maxSignatures) break;
    if (referrer.artifactType?.startsWith(bundleTypePrefix) !== true) continue;
    const { bytes } = await repository.manifests.fetch(referrer.digest, { signal });
    const document = parseManifestOrIndex(bytes);
    if (document.kind === 'index') continue;
    for (const layer of document.manifest.layers.slice(0, 1)) {
      if (!layer.mediaType.startsWith(bundleTypePrefix) || layer.size > signatureLimitBytes) continue;
      found.push(await readSmall(repository.blobs.open(layer, { signal }), `the bundle ${layer.digest}`));
    }
  }
  return found;
}
