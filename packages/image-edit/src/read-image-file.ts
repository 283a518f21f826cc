// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRootFile } from '@lading/layer';
import type { Image } from './image.ts';
import { rootLayers } from './root-layers.ts';

/** Options of {@link readImageFile}. */
export interface ReadImageFileOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The content of one file as a container of an image sees it, links followed. Layers are read from the highest one down,
 * and those below the one that has the file are not. Nothing comes before that layer has the digests that the image says.
 *
 * @throws NotFound (`FILE_UNKNOWN`), FailedPrecondition (`FILE_TYPE`) for what is no file, and as `exportImage`
 */
export async function* readImageFile(
  image: Image,
  path: string | Uint8Array,
  { signal }: ReadImageFileOptions = {},
): AsyncGenerator<Uint8Array> {
  const layers = rootLayers(image);
  const contentFolder = await mkdtemp(join(tmpdir(), 'lading-file-'));
  try {
    yield* readRootFile(layers, path, { contentFolder, signal });
  } finally {
    await rm(contentFolder, { recursive: true, force: true });
  }
}
