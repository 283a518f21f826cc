// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isEncryptedType } from '@lading/image-copy';
import type { Descriptor, Digest } from '@lading/image-spec';
import type { RootLayer } from '@lading/layer';
import type { Image } from './image.ts';

/** A layer, and what the image says of it. */
export interface ImageLayer extends RootLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** The layers of an image, whose files are to be read. @throws Unimplemented for encrypted ones */
export function rootLayers(image: Image): readonly ImageLayer[] {
  const { manifest, config, reference } = image;
  if (manifest.layers.some(({ mediaType }) => isEncryptedType(mediaType))) {
    throw new LadingError(
      Code.Unimplemented,
      `${reference} has encrypted layers; copy it with a key that decrypts it first`,
      { reason: 'UNSUPPORTED' },
    );
  }
  return manifest.layers.flatMap((descriptor, i) => {
    const diffId = config.rootfs.diff_ids[i];
    // Images whose config lists another number of layers are refused when they are read.
    if (diffId === undefined) return [];
    return [{ descriptor, diffId, open: (signal?: AbortSignal) => image.blob(descriptor, { signal }) }];
  });
}
