// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { digestBytes, MediaType, parseManifestOrIndex, verifyStream } from '@lading/image-spec';
import type { ImageSource } from '../types.ts';
import type { StorageReference } from './storage-reference.ts';
import type { ImageStore, StoredImage } from './store.ts';

/** Reads an image from the local store: its manifest and its config. */
export function createStorageSource(store: ImageStore, reference: StorageReference): ImageSource {
  const { image, text } = reference;
  const wanted = 'id' in image ? image.id : image.name;

  async function find(): Promise<StoredImage> {
    const found = await store.images.find(wanted);
    if (found !== undefined) return found;
    throw new LadingError(Code.NotFound, `no image ${wanted} in the local store`, {
      reason: 'MANIFEST_UNKNOWN',
    });
  }

  return {
    reference: text,
    async manifest(instance) {
      const { id } = await find();
      const bytes =
        instance === undefined
          ? await store.images.readManifest(id)
          : await store.images.bigData(id, `manifest-${instance}`);
      if (bytes === undefined) {
        throw new LadingError(Code.NotFound, `the image ${wanted} has no manifest ${instance ?? ''}`.trim(), {
          reason: 'MANIFEST_UNKNOWN',
        });
      }
      return { bytes, mediaType: typeOf(bytes), digest: await digestBytes(bytes) };
    },
    async *blob(descriptor, { signal } = {}) {
      const { id } = await find();
      const config = await store.images.bigData(id, descriptor.digest);
      if (config === undefined) {
        throw new LadingError(
          Code.Unimplemented,
          'layers of the local store cannot be read back yet; copy the image from where it came from',
          { reason: 'UNSUPPORTED' },
        );
      }
      const bytes = (async function* () {
        yield config;
      })();
      yield* verifyStream(bytes, descriptor, createHash, signal === undefined ? {} : { signal });
    },
    async close() {},
  };
}

function typeOf(bytes: Uint8Array): string {
  const document = parseManifestOrIndex(bytes);
  if (document.kind === 'index') return document.index.mediaType ?? MediaType.ImageIndex;
  return document.manifest.mediaType ?? MediaType.ImageManifest;
}
