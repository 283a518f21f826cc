// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { ImageSource } from '@lading/image-copy';
import {
  type Digest,
  digestBytes,
  encodeJson,
  type Index,
  MediaType,
  parseManifestOrIndex,
} from '@lading/image-spec';

/**
 * An index as a source for `copyImage` with the platform `all`: each image comes from the source that has it.
 *
 * @param sources by the digests of the manifests that the index lists
 */
export async function indexSource(
  index: Index,
  sources: ReadonlyMap<Digest, ImageSource>,
  reference = 'a list of images',
): Promise<ImageSource> {
  const bytes = encodeJson(index);
  const top = { bytes, mediaType: index.mediaType ?? MediaType.ImageIndex, digest: await digestBytes(bytes) };
  /** By the digests of blobs, known when a manifest was read. */
  const owners = new Map<Digest, ImageSource>();
  return {
    reference,
    async layersToCopy(manifest, options) {
      const source = owners.get(manifest.config.digest);
      const layers = await source?.layersToCopy?.(manifest, options);
      if (source === undefined || layers === undefined) return manifest.layers.map((layer) => ({ layer }));
      for (const { layer } of layers) owners.set(layer.digest, source);
      return layers;
    },
    async manifest(instance, options) {
      if (instance === undefined || instance === top.digest) return top;
      const source = sources.get(instance);
      if (source === undefined) {
        throw new LadingError(Code.NotFound, `there is no manifest ${instance}`, {
          reason: 'MANIFEST_UNKNOWN',
        });
      }
      const found = await source.manifest(instance, options);
      const document = parseManifestOrIndex(found.bytes, found.mediaType);
      if (document.kind === 'manifest') {
        const { config, layers } = document.manifest;
        for (const { digest } of [config, ...layers]) owners.set(digest, source);
      }
      return found;
    },
    blob(descriptor, options) {
      const source = owners.get(descriptor.digest);
      if (source !== undefined) return source.blob(descriptor, options);
      throw new LadingError(Code.NotFound, `no blob ${descriptor.digest}`, { reason: 'BLOB_UNKNOWN' });
    },
    async close() {},
  };
}
