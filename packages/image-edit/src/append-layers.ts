// SPDX-License-Identifier: Apache-2.0
import { type Image, withConfig } from './image.ts';
import type { NewLayer } from './new-layer.ts';
import { withNewLayers } from './with-new-layers.ts';

/**
 * Puts layers on top of an image, the first lowest. They are read when the image is written, and to be disposed of
 * after that.
 */
export async function appendLayers(image: Image, layers: readonly NewLayer[]): Promise<Image> {
  const { config, manifest } = image;
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
  return withNewLayers(appended, layers);
}
