// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
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
    const bundle = await readBundle(repository, referrer.digest, signal);
    if (bundle !== undefined) found.push(bundle);
  }
  return found;
}

/** Anyone who may push can put junk beside an image: it is passed over, and hides no good bundle. */
const passedOver: ReadonlySet<Code> = new Set([Code.InvalidArgument, Code.NotFound, Code.DataLoss]);

async function readBundle(
  repository: Repository,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  try {
    const document = parseManifestOrIndex((await repository.manifests.fetch(digest, { signal })).bytes);
    const [layer] = document.kind === 'index' ? [] : document.manifest.layers;
    if (layer === undefined || layer.size > signatureLimitBytes) return undefined;
    if (!layer.mediaType.startsWith(bundleTypePrefix)) return undefined;
    return await readSmall(repository.blobs.open(layer, { signal }), `the bundle ${layer.digest}`);
  } catch (error) {
    if (passedOver.has(LadingError.from(error).code)) return undefined;
    throw error;
  }
}
