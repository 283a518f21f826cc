// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import { chooseInstance, hostPlatform } from '@lading/image-copy';
import { parseIndex } from '@lading/image-spec';
import type { ImageRecord, Store } from '@lading/storage';

/** The image of the store that a list names for this machine. */
export async function instanceOf({ images }: Store, list: ImageRecord): Promise<ImageRecord | undefined> {
  const index = parseIndex(await images.readManifest(list.id));
  try {
    return await images.find(chooseInstance(index, hostPlatform()).digest);
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return undefined; // none for this platform
    throw error;
  }
}
