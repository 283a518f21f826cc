// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest, History, ImageConfig } from '@lading/image-spec';
import { clampLayer, type WritableCompression } from '@lading/layer';
import { type Image, withConfig } from './image.ts';
import { layerFromTar, type NewLayer, type NewLayerOptions } from './new-layer.ts';
import { rootLayers } from './root-layers.ts';
import { withNewLayers } from './with-new-layers.ts';

/** Options of {@link clampTimes}: how layers that are written anew are compressed. Default: as they were. */
export type ClampTimesOptions = Pick<NewLayerOptions, 'compression' | 'level' | 'signal'>;

/**
 * The image with no time after `latest`: of the config, of its history, and of files in layers, which are written anew
 * where a file has a later time. To be disposed of when it has been written.
 *
 * @throws InvalidArgument for a time before 1970, and for layers that are no archives
 */
export async function clampTimes(
  image: Image,
  latest: Date,
  { compression, level, signal }: ClampTimesOptions = {},
): Promise<Image & AsyncDisposable> {
  const made: NewLayer[] = [];
  const dispose = async (): Promise<void> => {
    for (const layer of made) await layer[Symbol.asyncDispose]();
  };
  try {
    const layers: Descriptor[] = [];
    const diffIds: Digest[] = [];
    for (const { descriptor, diffId, open } of rootLayers(image)) {
      const clamped = clampLayer(open(signal), latest, { diffId, signal });
      const layer = await layerFromTar(clamped.tar, {
        compression: compression ?? compressionOf(descriptor),
        level,
        signal,
      });
      if (clamped.isChanged()) {
        made.push(layer);
        layers.push(layer.descriptor);
        diffIds.push(layer.diffId);
      } else {
        await layer[Symbol.asyncDispose]();
        layers.push(descriptor);
        diffIds.push(diffId);
      }
    }
    const config = clampedConfig(image.config, latest, diffIds);
    const changed = await withConfig(image, config, layers);
    return { ...withNewLayers(changed, made), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The image with no time after `latest` in its config and history. Its layers stay as they are. */
export function clampConfigTimes(image: Image, latest: Date): Promise<Image> {
  return withConfig(image, clampedConfig(image.config, latest, image.config.rootfs.diff_ids));
}

function compressionOf({ mediaType }: Descriptor): WritableCompression {
  if (mediaType.endsWith('zstd')) return 'zstd';
  return mediaType.endsWith('gzip') ? 'gzip' : 'none';
}

function clampedConfig(config: ImageConfig, latest: Date, diffIds: readonly Digest[]): ImageConfig {
  return {
    ...clampedCreated(config, latest),
    rootfs: { type: 'layers', diff_ids: diffIds },
    ...(config.history === undefined
      ? {}
      : { history: config.history.map((entry) => clampedCreated<History>(entry, latest)) }),
  };
}

/** What is no time stays as it is. */
function clampedCreated<T extends { readonly created?: string }>(value: T, latest: Date): T {
  const isLater = value.created !== undefined && Date.parse(value.created) > latest.getTime();
  return isLater ? { ...value, created: latest.toISOString() } : value;
}
