// SPDX-License-Identifier: Apache-2.0
import { digestBytes, encodeJson, type History } from '@lading/image-spec';
import { appendLayers } from './append-layers.ts';
import { exportImage } from './export-image.ts';
import { type Image, withConfig } from './image.ts';
import { layerFromTar, type NewLayerOptions } from './new-layer.ts';

/** Options of {@link flattenImage}. */
export type FlattenOptions = Pick<NewLayerOptions, 'compression' | 'level' | 'history' | 'signal'>;

/**
 * An image with one layer, of the files that a container of the given one sees; its config stays, but for the history,
 * which is the given one, or a comment of what was before. To be disposed of when it has been written.
 *
 * @throws as `exportImage`
 */
export async function flattenImage(
  image: Image,
  { compression, level, signal, ...options }: FlattenOptions = {},
): Promise<Image & AsyncDisposable> {
  const history = options.history ?? (await historyOf(image));
  const { history: _, ...rest } = image.config;
  const layer = await layerFromTar(exportImage(image, { signal }), { compression, level, history, signal });
  const bare = await withConfig(image, { ...rest, rootfs: { type: 'layers', diff_ids: [] } }, []);
  return {
    ...(await appendLayers(bare, [layer])),
    [Symbol.asyncDispose]: () => layer[Symbol.asyncDispose](),
  };
}

async function historyOf({ config, manifest }: Image): Promise<History> {
  const { created, history = [] } = config;
  return {
    ...(created === undefined ? {} : { created }),
    created_by: `flatten ${await digestBytes(encodeJson(manifest))}`,
    ...(history.length === 0 ? {} : { comment: JSON.stringify(history) }),
  };
}
