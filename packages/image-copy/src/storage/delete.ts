// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { CallOptions } from '../types.ts';
import type { StorageReference } from './storage-reference.ts';
import type { ImageStore } from './store.ts';

/** Deletes an image with all its names, as `skopeo delete` does, and the layers that nothing else uses. */
export async function deleteFromStore(
  store: Pick<ImageStore, 'images'>,
  { image }: StorageReference,
  { signal }: CallOptions,
): Promise<void> {
  const wanted = 'id' in image ? image.id : image.name;
  const call = signal === undefined ? {} : { signal };
  const found = await store.images.find(wanted, call);
  if (found === undefined) {
    throw new LadingError(Code.NotFound, `no image ${wanted} in the local store`, {
      reason: 'MANIFEST_UNKNOWN',
    });
  }
  await store.images.delete(found.id, call);
}
