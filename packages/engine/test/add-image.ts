// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descriptorOf, digestHex, encodeJson, MediaType } from '@lading/image-spec';
import { writeLayer } from '@lading/layer';
import { openStore } from '@lading/storage';

/** Puts an image of one layer into a store; gives its id. */
export async function addFolderAsImage(
  roots: { readonly graphRoot: string; readonly runRoot: string },
  rootfs: string,
  name: string,
): Promise<string> {
  const store = await openStore(roots);
  const folder = await mkdtemp(join(tmpdir(), 'lading-image-'));
  try {
    const packed = await writeLayer(rootfs, join(folder, 'layer.tar'), { compression: 'none' });
    const layer = await store.layers.add(createReadStream(packed.path), {
      expectedDigest: packed.descriptor.digest,
      expectedDiffId: packed.diffId,
    });
    const created = '2026-01-01T00:00:00Z';
    const config = encodeJson({
      architecture: 'amd64',
      os: 'linux',
      created,
      config: { Cmd: ['sh'], Env: ['PATH=/bin', 'FROM_IMAGE=yes'], Labels: { kind: 'test' } },
      rootfs: { type: 'layers', diff_ids: [packed.diffId] },
    });
    const configDescriptor = await descriptorOf(MediaType.ImageConfig, config);
    const manifest = encodeJson({
      schemaVersion: 2,
      mediaType: MediaType.ImageManifest,
      config: configDescriptor,
      layers: [packed.descriptor],
    });
    const { digest } = await descriptorOf(MediaType.ImageManifest, manifest);
    const id = digestHex(configDescriptor.digest);
    await store.images.create({
      id,
      names: [name],
      topLayer: layer.id,
      digest,
      manifests: [{ digest, bytes: manifest }],
      config: { digest: configDescriptor.digest, bytes: config },
      created,
    });
    return id;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await store.close();
  }
}
