// SPDX-License-Identifier: Apache-2.0
// Makes an image of a container: commit-container GRAPHROOT RUNROOT CONTAINER NAME
import {
  type Digest,
  descriptorOf,
  digestHex,
  encodeJson,
  MediaType,
  parseImageConfig,
} from '@lading/image-spec';
import { openStore } from '@lading/storage';

const [graphRoot = '', runRoot = '', container = '', name = ''] = process.argv.slice(2);
await using store = await openStore({ graphRoot, runRoot });
const image = (await store.containers.find(container))?.imageId;
if (image === undefined) throw new Error(`no container ${container} with an image`);
const layer = await store.containers.commit(container);
const base = parseImageConfig(await store.images.readConfig(image));
const diffIds: Digest[] = [...base.rootfs.diff_ids];
if (layer.diffDigest !== undefined) diffIds.push(layer.diffDigest);
const config = encodeJson({
  ...base,
  created: new Date().toISOString(),
  rootfs: { type: 'layers', diff_ids: diffIds },
});
const configDescriptor = await descriptorOf(MediaType.ImageConfig, config);
const layers = diffIds.map((digest) => ({ mediaType: MediaType.Layer, digest, size: layer.diffSize ?? 0 }));
const manifest = encodeJson({
  schemaVersion: 2,
  mediaType: MediaType.ImageManifest,
  config: configDescriptor,
  layers,
});
const { digest } = await descriptorOf(MediaType.ImageManifest, manifest);
await store.images.create({
  id: digestHex(configDescriptor.digest),
  names: [name],
  topLayer: layer.id,
  digest,
  manifests: [{ digest, bytes: manifest }],
  config: { digest: configDescriptor.digest, bytes: config },
});
