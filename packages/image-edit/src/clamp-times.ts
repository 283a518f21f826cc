// SPDX-License-Identifier: Apache-2.0
import type { History } from '@lading/image-spec';
import { clampLayer } from '@lading/layer';
import { type Image, withConfig } from './image.ts';
import { type RewriteOptions, rewriteLayers } from './rewrite-layers.ts';

/**
 * The image with no time after `latest`: of the config, of its history, and of files in layers, which are written anew
 * where a file has a later time. To be disposed of when it has been written.
 *
 * @throws InvalidArgument for a time before 1970, and for layers that are no archives
 */
export async function clampTimes(
  image: Image,
  latest: Date,
  options: RewriteOptions = {},
): Promise<Image & AsyncDisposable> {
  return rewriteLayers(
    await clampConfigTimes(image, latest),
    (layer, layerOptions) => clampLayer(layer, latest, layerOptions),
    options,
  );
}

/** The image with no time after `latest` in its config and history. Its layers stay as they are. */
export function clampConfigTimes(image: Image, latest: Date): Promise<Image> {
  const { config } = image;
  const history = config.history?.map((entry) => clampedCreated<History>(entry, latest));
  return withConfig(image, {
    ...clampedCreated(config, latest),
    ...(history === undefined ? {} : { history }),
  });
}

/** What is no time stays as it is. */
function clampedCreated<T extends { readonly created?: string }>(value: T, latest: Date): T {
  const isLater = value.created !== undefined && Date.parse(value.created) > latest.getTime();
  return isLater ? { ...value, created: latest.toISOString() } : value;
}
