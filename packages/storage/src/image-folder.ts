// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from './paths.ts';

/** All folders that images of this store are in, the one for new images first. */
export function imageFolders({ images, imageStore }: Paths): readonly string[] {
  return imageStore === undefined ? [images] : [images, imageStore.graphImages];
}

/** The folder of an image; where it would be made when there is none. */
export function imageFolder(paths: Paths, id: string): string {
  const folders = imageFolders(paths).map((folder) => join(folder, id));
  const found = folders.length === 1 ? undefined : folders.find((folder) => existsSync(folder));
  return found ?? join(paths.images, id);
}
