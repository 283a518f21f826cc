// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where everything of a store lies; see containers/storage's overlay driver. */
export interface Layout {
  readonly graphRoot: string;
  readonly runRoot: string;
  readonly storageLock: string;
  /** Home of the driver: a folder a layer. */
  readonly overlay: string;
  readonly layers: string;
  readonly layersLock: string;
  readonly images: string;
  readonly imagesLock: string;
  readonly containers: string;
  readonly containersLock: string;
  readonly mountPoints: string;
  readonly mountPointsLock: string;
}

export function layoutOf(graphRoot: string, runRoot: string): Layout {
  return {
    graphRoot,
    runRoot,
    storageLock: join(graphRoot, 'storage.lock'),
    overlay: join(graphRoot, 'overlay'),
    layers: join(graphRoot, 'overlay-layers'),
    layersLock: join(graphRoot, 'overlay-layers/layers.lock'),
    images: join(graphRoot, 'overlay-images'),
    imagesLock: join(graphRoot, 'overlay-images/images.lock'),
    containers: join(graphRoot, 'overlay-containers'),
    containersLock: join(graphRoot, 'overlay-containers/containers.lock'),
    mountPoints: join(runRoot, 'overlay-layers/mountpoints.json'),
    mountPointsLock: join(runRoot, 'overlay-layers/mountpoints.lock'),
  };
}

/** Makes the folders that are missing. */
export async function makeFolders(layout: Layout): Promise<void> {
  const { graphRoot, runRoot, overlay, layers, images, containers } = layout;
  for (const folder of [graphRoot, runRoot, layers, images, containers])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  await mkdir(join(overlay, 'l'), { recursive: true, mode: 0o755 });
  for (const name of ['overlay-layers', 'overlay-containers'])
    await mkdir(join(runRoot, name), { recursive: true, mode: 0o700 });
}
