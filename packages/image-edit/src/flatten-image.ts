// SPDX-License-Identifier: Apache-2.0
import { digestBytes, encodeJson } from '@lading/image-spec';
import { appendLayers } from './append-layers.ts';
import { exportImage } from './export-image.ts';
import { type Image, withConfig } from './image.ts';
import { layerFromTar, type NewLayerOptions } from './new-layer.ts';

/** Options of {@link flattenImage}. */
export type FlattenOptions = Pick<NewLayerOptions, 'compression' | 'level' | 'signal'>;

/**
 * An image with one layer, of the files that a container of the given one sees; its config stays, but for the history,
 * which becomes a comment. To be disposed of when it has been written.
 *
 * @throws as `exportImage`
 */
export async function flattenImage(
  image: Image,
  { compression, level, signal }: FlattenOptions = {},
): Promise<Image & AsyncDisposable> {
  const { config } = image;
  const digest = await digestBytes(encodeJson(image.manifest));
  const { history: before = [], ...rest } = config;
  const history = {
    ...(config.created === undefined ? {} : { created: config.created }),
    created_by: `flatten ${digest}`,
    ...(before.length === 0 ? {} : { comment: JSON.stringify(before) }),
  };
  const layer = await layerFromTar(exportImage(image, { signal }), { compression, level, history, signal });
  const bare = await withConfig(image, { ...rest, rootfs: { type: 'layers', diff_ids: [] } }, []);
  return {
    ...(await appendLayers(bare, [layer])),
    [Symbol.asyncDispose]: () => layer[Symbol.asyncDispose](),
  };
}
