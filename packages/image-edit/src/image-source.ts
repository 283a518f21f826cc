// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { ImageSource } from '@lading/image-copy';
import { digestBytes, encodeJson } from '@lading/image-spec';
import type { Image } from './image.ts';

/** An image as a source for `copyImage`, which writes it wherever images are written. */
export async function imageSource(image: Image): Promise<ImageSource> {
  const bytes = encodeJson(image.manifest);
  const config = encodeJson(image.config);
  const top = { bytes, mediaType: image.mediaType, digest: await digestBytes(bytes) };
  const configDigest = await digestBytes(config);
  if (configDigest !== image.manifest.config.digest) {
    throw new LadingError(
      Code.InvalidArgument,
      `the config of ${image.reference} is not the one that its manifest names`,
    );
  }
  return {
    reference: image.reference,
    origin: image.origin,
    async manifest(instance) {
      if (instance === undefined || instance === top.digest) return top;
      throw new LadingError(Code.NotFound, `there is no manifest ${instance}`, {
        reason: 'MANIFEST_UNKNOWN',
      });
    },
    blob: (descriptor, options) =>
      descriptor.digest === configDigest ? once(config) : image.blob(descriptor, options),
    async close() {},
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
