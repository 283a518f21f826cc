// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packRoot, readRoot } from '@lading/layer';
import type { Image } from './image.ts';
import { rootLayers } from './root-layers.ts';

/** Options of {@link exportImage}. */
export interface ExportImageOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The files that a container of an image sees, as one tar archive without compression: names sorted, each folder right
 * before what is in it. Nothing comes before all layers were read and have the digests and diffIDs that the image says.
 * Until the end the contents of files lie in a temporary folder, under no name of the image's.
 *
 * @throws InvalidArgument for layers that cannot be unpacked, ResourceExhausted for bombs, DataLoss, Unimplemented for
 * encrypted layers
 */
export async function* exportImage(
  image: Image,
  { signal }: ExportImageOptions = {},
): AsyncGenerator<Uint8Array> {
  const layers = rootLayers(image);
  const contentFolder = await mkdtemp(join(tmpdir(), 'lading-export-'));
  try {
    yield* packRoot(await readRoot(layers, { contentFolder, signal }), { signal });
  } finally {
    await rm(contentFolder, { recursive: true, force: true });
  }
}
