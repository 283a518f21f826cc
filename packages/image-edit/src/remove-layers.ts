// SPDX-License-Identifier: Apache-2.0
import type { Digest, History } from '@lading/image-spec';
import { type Image, withConfig } from './image.ts';

/** A layer of an image, as {@link removeLayers} asks about it. */
export interface LayerInImage {
  /** From 0, the lowest. */
  readonly index: number;
  readonly digest: Digest;
  /** What the config says of how it was made, where it says it of every layer. */
  readonly history: History | undefined;
}

/**
 * The image without the layers that `isUnwanted` says are to go, and without what its history says of them. The other
 * layers stay as they are: what they change in the layers that go is theirs to miss.
 *
 * @example
 * ```ts
 * import { appendLayers, emptyImage, type LayerInImage, layerFromTar, removeLayers } from '@lading/image-edit';
 * import { packEntries } from '@lading/layer';
 *
 * const made = (by: string) =>
 *   layerFromTar(packEntries([{ type: 'file', path: by, content: by }]), { history: { created_by: by } });
 * await using app = await made('app');
 * await using cache = await made('cache');
 * const image = await appendLayers(await emptyImage(), [app, cache]);
 * const isCache = ({ history }: LayerInImage) => history?.created_by === 'cache';
 * const smaller = await removeLayers(image, isCache);
 * console.log(smaller.config.history?.map((entry) => entry.created_by)); // → [ 'app' ]
 * ```
 */
export async function removeLayers(
  image: Image,
  isUnwanted: (layer: LayerInImage) => boolean,
): Promise<Image> {
  const { config, manifest } = image;
  const ofLayers = (config.history ?? []).filter(({ empty_layer: isEmpty }) => isEmpty !== true);
  const isTold = ofLayers.length === manifest.layers.length;
  const unwanted = new Set(
    manifest.layers.flatMap(({ digest }, index) =>
      isUnwanted({ index, digest, history: isTold ? ofLayers[index] : undefined }) ? [index] : [],
    ),
  );
  if (unwanted.size === 0) return image;
  const isKept = (_: unknown, index: number): boolean => !unwanted.has(index);
  // Entries are compared by where they stand: two may say the same.
  const goneHistory = new Set(isTold ? ofLayers.filter((_, index) => unwanted.has(index)) : []);
  return withConfig(
    image,
    {
      ...config,
      rootfs: { ...config.rootfs, diff_ids: config.rootfs.diff_ids.filter(isKept) },
      ...(config.history === undefined
        ? {}
        : { history: config.history.filter((entry) => !goneHistory.has(entry)) }),
    },
    manifest.layers.filter(isKept),
  );
}
