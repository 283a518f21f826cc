// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Digest,
  digestAlgorithm,
  digestHex,
  type Manifest,
  parseManifestOrIndex,
} from '@lading/image-spec';
import type { Repository } from '@lading/registry-client';
import { readSmall } from '../read-small.ts';
import { type ImageSignature, maxSignatures, signatureLimitBytes } from './image-signature.ts';

/** The tag under which cosign keeps the signatures of a manifest. */
export function attachmentTag(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestHex(digest)}.sig`;
}

/** The manifest under that tag; undefined when there is none. */
export async function fetchAttachments(
  repository: Repository,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<Manifest | undefined> {
  let bytes: Uint8Array;
  try {
    ({ bytes } = await repository.manifests.fetch(attachmentTag(digest), { signal }));
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
  const document = parseManifestOrIndex(bytes);
  return document.kind === 'index' ? undefined : document.manifest;
}

/**
 * Reads the sigstore signatures of a manifest that cosign keeps in the image's own repository: layers of a manifest
 * under the tag `sha256-HEX.sig`.
 */
export async function readAttachments(
  repository: Repository,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly ImageSignature[]> {
  const manifest = await fetchAttachments(repository, digest, signal);
  const found: ImageSignature[] = [];
  for (const layer of (manifest?.layers ?? []).slice(0, maxSignatures)) {
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
