// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { type Descriptor, descriptorOf, encodeJson, MediaType } from '@lading/image-spec';
import type { Repository } from '@lading/registry-client';

/** An image of one config and one layer of random bytes. */
export interface TestImage {
  readonly config: Descriptor;
  readonly configBytes: Uint8Array;
  readonly layer: Descriptor;
  readonly layerBytes: Uint8Array;
  readonly manifest: Uint8Array;
}

export async function randomImage(layerSizeBytes = 100_000): Promise<TestImage> {
  const layerBytes = new Uint8Array(randomBytes(layerSizeBytes));
  const layer = await descriptorOf(MediaType.LayerGzip, layerBytes);
  const configBytes = encodeJson({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const config = await descriptorOf(MediaType.ImageConfig, configBytes);
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config,
    layers: [layer],
  });
  return { config, configBytes, layer, layerBytes, manifest };
}

/** A source of these bytes in pieces, as often as it is called. */
export function sourceOf(bytes: Uint8Array, chunkBytes = 16_384): () => AsyncGenerator<Uint8Array> {
  return async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function pushImage(repository: Repository, image: TestImage, tag: string): Promise<Descriptor> {
  await repository.blobs.push(image.layer, sourceOf(image.layerBytes));
  await repository.blobs.push(image.config, sourceOf(image.configBytes));
  return await repository.manifests.push(image.manifest, { mediaType: MediaType.ImageManifest, tag });
}
