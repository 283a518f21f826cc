// SPDX-License-Identifier: Apache-2.0
import { convertManifest, formatOf } from '@lading/image-copy';
import type { Image } from './image.ts';
import type { NewLayer } from './new-layer.ts';

/** The image whose manifest lists new layers, with their blobs, and with the types that its manifest has for layers. */
export function withNewLayers(image: Image, layers: readonly NewLayer[]): Image {
  const added = new Map(layers.map((layer) => [layer.descriptor.digest, layer]));
  return {
    ...image,
    manifest: formatOf(image.mediaType) === 'v2s2' ? convertManifest(image.manifest, 'v2s2') : image.manifest,
    blob: (descriptor, options) =>
      added.get(descriptor.digest)?.open(options?.signal) ?? image.blob(descriptor, options),
  };
}
