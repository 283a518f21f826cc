// SPDX-License-Identifier: Apache-2.0
import type { CallOptions } from '../types.ts';
import { findStoredImage } from './find-image.ts';
import type { StorageReference } from './storage-reference.ts';
import type { ImageStore } from './store.ts';

/** Deletes an image with all its names, as `skopeo delete` does, and the layers that nothing else uses. */
export async function deleteFromStore(
  store: Pick<ImageStore, 'images'>,
  { image }: StorageReference,
  { signal }: CallOptions,
): Promise<void> {
  const found = await findStoredImage(store, image);
  await store.images.delete(found.id, signal === undefined ? {} : { signal });
}
