// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest } from '@lading/image-spec';
import type { ReadLayerOptions, RewrittenLayer, RootLayer, WritableCompression } from '@lading/layer';
import { type Image, withConfig } from './image.ts';
import { layerFromTar, type NewLayer, type NewLayerOptions } from './new-layer.ts';
import { rootLayers } from './root-layers.ts';
import { withNewLayers } from './with-new-layers.ts';

/** How layers that are written anew are compressed. Default: as they were. */
export type RewriteOptions = Pick<NewLayerOptions, 'compression' | 'level' | 'signal'>;

type Opened = ReturnType<RootLayer['open']>;

/**
 * The image with each layer as `rewrite` gives it; those that it does not change, or gives nothing for, stay as they
 * are, byte for byte. To be disposed of when it has been written.
 */
export async function rewriteLayers(
  image: Image,
  rewrite: (layer: Opened, options: ReadLayerOptions, index: number) => RewrittenLayer | undefined,
  { compression, level, signal }: RewriteOptions = {},
): Promise<Image & AsyncDisposable> {
  const made: NewLayer[] = [];
  const dispose = async (): Promise<void> => {
    for (const layer of made) await layer[Symbol.asyncDispose]();
  };
  try {
    const layers: Descriptor[] = [];
    const diffIds: Digest[] = [];
    for (const [index, { descriptor, diffId, open }] of rootLayers(image).entries()) {
      const rewritten = rewrite(open(signal), { diffId, signal }, index);
      if (rewritten === undefined) {
        layers.push(descriptor);
        diffIds.push(diffId);
        continue;
      }
      const layer = await layerFromTar(rewritten.tar, {
        compression: compression ?? compressionOf(descriptor),
        level,
        signal,
      });
      if (rewritten.isChanged()) {
        made.push(layer);
        layers.push(layer.descriptor);
        diffIds.push(layer.diffId);
      } else {
        await layer[Symbol.asyncDispose]();
        layers.push(descriptor);
        diffIds.push(diffId);
      }
    }
    if (made.length === 0) return { ...image, [Symbol.asyncDispose]: dispose };
    const config = { ...image.config, rootfs: { ...image.config.rootfs, diff_ids: diffIds } };
    const changed = await withConfig(image, config, layers);
    return { ...withNewLayers(changed, made), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function compressionOf({ mediaType }: Descriptor): WritableCompression {
  if (mediaType.endsWith('zstd')) return 'zstd';
  return mediaType.endsWith('gzip') ? 'gzip' : 'none';
}
