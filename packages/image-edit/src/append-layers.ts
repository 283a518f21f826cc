// SPDX-License-Identifier: Apache-2.0
import { convertManifest, formatOf } from '@lading/image-copy';
import type { Digest } from '@lading/image-spec';
import { type Image, withConfig } from './image.ts';
import type { NewLayer } from './new-layer.ts';

/**
 * Puts layers on top of an image, the first lowest. They are read when the image is written, and to be disposed of
 * after that.
 */
export async function appendLayers(image: Image, layers: readonly NewLayer[]): Promise<Image> {
  const { config, manifest } = image;
  const added = new Map<Digest, NewLayer>(layers.map((layer) => [layer.descriptor.digest, layer]));
  const appended = await withConfig(
    image,
    {
      ...config,
      rootfs: {
        type: 'layers',
        diff_ids: [...config.rootfs.diff_ids, ...layers.map(({ diffId }) => diffId)],
      },
      history: [...(config.history ?? []), ...layers.map(({ history = {} }) => history)],
    },
    [...manifest.layers, ...layers.map(({ descriptor }) => descriptor)],
  );
  return {
    ...appended,
    // Layers have the types of the manifest that lists them.
    manifest:
      formatOf(image.mediaType) === 'v2s2' ? convertManifest(appended.manifest, 'v2s2') : appended.manifest,
    blob: (descriptor, options) =>
      added.get(descriptor.digest)?.open(options?.signal) ?? image.blob(descriptor, options),
  };
}
