// SPDX-License-Identifier: Apache-2.0
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import {
  type Descriptor,
  descriptorOf,
  encodeJson,
  MediaType,
  normalizeArchitecture,
  parseDigest,
} from '@lading/image-spec';
import { createRegistryClient, pushImage } from '@lading/registry-client';
import { openLayout } from '@lading/registry-client/layout';

const blobBytes = 1024 ** 3;

/** The image of the registry benchmark. */
export interface GibibyteImage {
  /** `host/path` on the registry; its tag is 1. */
  readonly repository: string;
  readonly layer: Descriptor;
  /** An OCI layout with the same image. */
  readonly layout: string;
  readonly layerFile: string;
}

/** Makes an image with one layer of 1 GiB that no compression makes smaller, and pushes it. */
export async function pushGibibyteImage(host: string, folder: string): Promise<GibibyteImage> {
  const file = join(folder, 'layer.gz');
  // Real gzip, stored: tools look at the bytes and would compress what is not compressed.
  await pipeline(noise, createGzip({ level: 0 }), createWriteStream(file));
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk);
    size += chunk.length;
  }
  const layer: Descriptor = {
    mediaType: MediaType.LayerGzip,
    digest: parseDigest(`sha256:${hash.digest('hex')}`),
    size,
  };
  const platform = { architecture: normalizeArchitecture(process.arch), os: 'linux' };
  const config = encodeJson({ ...platform, rootfs: { type: 'layers', diff_ids: [layer.digest] } });
  const configDescriptor = await descriptorOf(MediaType.ImageConfig, config);
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: configDescriptor,
    layers: [layer],
  });
  const layout = join(folder, 'source');
  const store = await openLayout(layout);
  await store.write(layer, createReadStream(file));
  await store.write(configDescriptor, once(config));
  const descriptor = await descriptorOf(MediaType.ImageManifest, manifest);
  await store.write(descriptor, once(manifest));
  await store.tag(descriptor, '1');
  await using client = createRegistryClient({ tlsVerify: false });
  const repository = `${host}/bench/gibibyte`;
  await pushImage(client.repository(repository), '1', store);
  return { repository, layer, layout, layerFile: file };
}

async function* noise(): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(1 << 20);
  for (let sent = 0; sent < blobBytes; sent += chunk.length) yield randomFillSync(chunk);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
