// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, descriptorOf, encodeJson, MediaType } from '@lading/image-spec';
import type { Repository } from '@lading/registry-client';
import { once } from '../once.ts';
import { attachmentTag, fetchAttachments } from './attachments.ts';
import type { ImageSignature } from './image-signature.ts';

type SigstoreSignature = Extract<ImageSignature, { kind: 'sigstore' }>;

/** Adds sigstore signatures to those that a manifest has under cosign's tag. Those that are there stay. */
export async function writeAttachments(
  repository: Repository,
  digest: Digest,
  signatures: readonly SigstoreSignature[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const before = (await fetchAttachments(repository, digest, signal))?.layers ?? [];
  const layers: Descriptor[] = [...before];
  for (const { mimeType, payload, annotations } of signatures) {
    const layer = {
      ...(await descriptorOf(mimeType, payload)),
      annotations: Object.fromEntries(annotations),
    };
    if (layers.some((known) => isSame(known, layer))) continue;
    await repository.blobs.push(layer, () => once(payload), { signal });
    layers.push(layer);
  }
  if (layers.length === before.length) return;
  const config = encodeJson({
    architecture: '',
    os: '',
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    config: {},
  });
  const described = await descriptorOf(MediaType.ImageConfig, config);
  await repository.blobs.push(described, () => once(config), { signal });
  const mediaType = MediaType.ImageManifest;
  const manifest = encodeJson({ schemaVersion: 2, mediaType, config: described, layers });
  await repository.manifests.push(manifest, { mediaType, tag: attachmentTag(digest), signal });
}

function isSame(a: Descriptor, b: Descriptor): boolean {
  const noted = Object.entries(a.annotations ?? {});
  return (
    a.digest === b.digest &&
    a.mediaType === b.mediaType &&
    noted.length === Object.keys(b.annotations ?? {}).length &&
    noted.every(([key, value]) => b.annotations?.[key] === value)
  );
}
