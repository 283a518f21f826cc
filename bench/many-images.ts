// SPDX-License-Identifier: Apache-2.0
import { descriptorOf, digestHex, encodeJson, MediaType, parseImageConfig } from '@lading/image-spec';
import { openStore } from '@lading/storage';

/** Images that share the layers of one that is there, until there are so many. */
export async function addManyImages(roots: string, image: string, count: number): Promise<void> {
  const store = await openStore({ graphRoot: `${roots}-root`, runRoot: `${roots}-run` });
  try {
    const images = await store.images.list();
    const base = images.find(({ names }) => names?.includes(image) === true);
    if (base === undefined) throw new Error(`${image} is not in the store below ${roots}`);
    const { rootfs, architecture, os } = parseImageConfig(await store.images.readConfig(base.id));
    for (let i = images.length; i < count; i++) {
      const bytes = encodeJson({ architecture, os, config: { Labels: { number: String(i) } }, rootfs });
      const config = await descriptorOf(MediaType.ImageConfig, bytes);
      const manifest = encodeJson({
        schemaVersion: 2,
        mediaType: MediaType.ImageManifest,
        config,
        layers: [],
      });
      const { digest } = await descriptorOf(MediaType.ImageManifest, manifest);
      await store.images.create({
        id: digestHex(config.digest),
        names: [`localhost/bench/image-${i}:1`],
        ...(base.topLayer !== undefined && { topLayer: base.topLayer }),
        digest,
        manifests: [{ digest, bytes: manifest }],
        config: { digest: config.digest, bytes },
      });
    }
  } finally {
    await store.close();
  }
}
