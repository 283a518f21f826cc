// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm, digestHex, parseManifestOrIndex } from '@lading/image-spec';
import type { Repository } from '@lading/registry-client';
import { readSmall } from '../read-small.ts';
import { type ImageSignature, maxSignatures, signatureLimitBytes } from './image-signature.ts';

/**
 * Reads the sigstore signatures of a manifest that cosign keeps in the image's own repository: layers of a manifest
 * under the tag `sha256-HEX.sig`.
 */
export async function readAttachments(
  repository: Repository,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly ImageSignature[]> {
  const tag = `${digestAlgorithm(digest)}-${digestHex(digest)}.sig`;
  let bytes: Uint8Array;
  try {
    ({ bytes } = await repository.manifests.fetch(tag, { signal }));
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return [];
    throw error;
  }
  const document = parseManifestOrIndex(bytes);
  if (document.kind === 'index') return [];
  const found: ImageSignature[] = [];
  for (const layer of document.manifest.layers.slice(0, maxSignatures)) {
    if (layer.size > signatureLimitBytes) continue;
    const payload = await readSmall(
      repository.blobs.open(layer, { signal }),
      `the signature ${layer.digest}`,
    );
    const annotations = new Map(Object.entries(layer.annotations ?? {}));
    found.push({ kind: 'sigstore', mimeType: layer.mediaType, payload, annotations });
  }
  return found;
}
