// SPDX-License-Identifier: Apache-2.0
import type { BlobOptions, Origin } from '@lading/image-copy';
import {
  type Descriptor,
  descriptorOf,
  encodeJson,
  type ImageConfig,
  type Manifest,
} from '@lading/image-spec';
import type { ContentSource } from '@lading/registry-client';

/** An image that can be changed: its documents as they are now, and its layers where they lie. */
export interface Image {
  /** For messages. */
  readonly reference: string;
  /** The type of its manifest. */
  readonly mediaType: string;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** The repository that has its layers. */
  readonly origin?: Origin | undefined;
  /** The bytes of a layer, verified while they flow. */
  blob(descriptor: Descriptor, options?: BlobOptions): ContentSource;
}

/** The image with another config, and with other layers where some are given. */
export async function withConfig(
  image: Image,
  config: ImageConfig,
  layers: readonly Descriptor[] = image.manifest.layers,
): Promise<Image> {
  const { manifest } = image;
  const { mediaType, annotations } = manifest.config;
  const descriptor = await descriptorOf(
    mediaType,
    encodeJson(config),
    annotations === undefined ? {} : { annotations },
  );
  return { ...image, config, manifest: { ...manifest, config: descriptor, layers } };
}
