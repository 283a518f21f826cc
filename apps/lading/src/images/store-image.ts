// SPDX-License-Identifier: Apache-2.0
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { copyImage, createStorageDestination } from '@lading/image-copy';
import { type Image, imageSource } from '@lading/image-edit';
import { digestHex } from '@lading/image-spec';
import { localName } from './local-name.ts';

/** Puts an image that was made here into the store; gives its id. */
export async function storeImage(
  { store }: Engine,
  image: Image,
  name: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const full = name === undefined ? undefined : localName(name);
  const destination = createStorageDestination(store, full, `containers-storage:${full ?? ''}`);
  try {
    const { config } = await copyImage(await imageSource(image), destination, { signal });
    if (config === undefined) throw new LadingError(Code.Internal, 'the image was stored without a config');
    return digestHex(config);
  } finally {
    await destination.close();
  }
}
