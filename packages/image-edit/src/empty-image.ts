// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { hostPlatform } from '@lading/image-copy';
import { descriptorOf, encodeJson, type ImageConfig, MediaType, type Platform } from '@lading/image-spec';
import type { Image } from './image.ts';

/** Options of {@link emptyImage}. */
export interface EmptyImageOptions {
  /** Default: that of this machine. */
  readonly platform?: Platform | undefined;
  /** Default: none. */
  readonly created?: Date | undefined;
}

/** An image without layers, to begin with. */
export async function emptyImage({
  platform = hostPlatform(),
  created,
}: EmptyImageOptions = {}): Promise<Image> {
  const config: ImageConfig = {
    ...(created === undefined ? {} : { created: created.toISOString() }),
    ...platform,
    config: {},
    rootfs: { type: 'layers', diff_ids: [] },
    history: [],
  };
  return {
    reference: 'an image of nothing',
    mediaType: MediaType.ImageManifest,
    manifest: {
      schemaVersion: 2,
      mediaType: MediaType.ImageManifest,
      config: await descriptorOf(MediaType.ImageConfig, encodeJson(config)),
      layers: [],
    },
    config,
    blob: ({ digest }) => {
      throw new LadingError(Code.NotFound, `no blob ${digest}`, { reason: 'BLOB_UNKNOWN' });
    },
  };
}
