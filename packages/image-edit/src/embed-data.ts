// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { formatOf } from '@lading/image-copy';
import { type Descriptor, encodeJson } from '@lading/image-spec';
import type { Image } from './image.ts';

/** Manifests of more than 4 MiB are read by nobody. */
const mostBytes = 3 << 20;

/**
 * Puts contents of up to `maxBytes` into the descriptors that name them, so that they need no request of their own, and
 * takes larger ones out: with 0 all.
 *
 * @throws InvalidArgument for more than 3 MiB; FailedPrecondition for Docker's manifests, whose descriptors hold none
 *
 * @example
 * ```ts
 * import { embedData, emptyImage } from '@lading/image-edit';
 *
 * const image = await embedData(await emptyImage(), 1000);
 * console.log(Buffer.from(image.manifest.config.data ?? '', 'base64').toString().startsWith('{')); // → true
 * ```
 */
export async function embedData(image: Image, maxBytes: number, signal?: AbortSignal): Promise<Image> {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0 || maxBytes > mostBytes) {
    throw new LadingError(Code.InvalidArgument, `data of ${maxBytes} bytes: give 0 to ${mostBytes}`);
  }
  if (maxBytes > 0 && formatOf(image.mediaType) !== 'oci') {
    throw new LadingError(
      Code.FailedPrecondition,
      "descriptors of Docker's manifests hold no data; change the format to the OCI's too",
      { reason: 'UNSUPPORTED' },
    );
  }
  const { manifest } = image;
  const config = withData(manifest.config, encodeJson(image.config), maxBytes);
  const layers: Descriptor[] = [];
  for (const layer of manifest.layers) {
    const isSmall = layer.size <= maxBytes;
    const bytes = isSmall ? Buffer.concat(await Array.fromAsync(image.blob(layer, { signal }))) : undefined;
    layers.push(withData(layer, bytes, maxBytes));
  }
  return { ...image, manifest: { ...manifest, config, layers } };
}

/** The descriptor with its content in it where that is small enough, else with none. */
export function withData(
  { data: _, ...descriptor }: Descriptor,
  bytes: Uint8Array | undefined,
  maxBytes: number,
): Descriptor {
  if (bytes === undefined || bytes.length > maxBytes) return descriptor;
  return { ...descriptor, data: Buffer.from(bytes).toString('base64') };
}
