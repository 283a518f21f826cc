// SPDX-License-Identifier: Apache-2.0
import { type Containers, createContainers } from './containers.ts';
import { createImages, type Images } from './images.ts';
import { createLayers, type Layers } from './layers.ts';
import { layoutOf, makeFolders } from './layout.ts';
import { createMounts } from './mounts.ts';

export interface StoreOptions {
  /** Folder of images and containers, such as `/var/lib/containers/storage`. */
  readonly graphRoot: string;
  /** Folder of what does not outlive a boot, such as `/run/containers/storage`. */
  readonly runRoot: string;
}

/** A store on disk. Any number of processes may have it open, podman and its kin among them. */
export interface Store extends AsyncDisposable {
  readonly graphRoot: string;
  readonly runRoot: string;
  readonly layers: Layers;
  readonly images: Images;
  readonly containers: Containers;
  /** Gives up what the store holds of the system when nothing of it is mounted. Containers stay as they are. */
  close(): Promise<void>;
}

/** Opens a store, and makes it when it is not there. */
export async function openStore({ graphRoot, runRoot }: StoreOptions): Promise<Store> {
  const layout = layoutOf(graphRoot, runRoot);
  await makeFolders(layout);
  const mounts = createMounts(layout);
  return {
    graphRoot,
    runRoot,
    layers: createLayers(layout),
    images: createImages(layout),
    containers: createContainers(layout, mounts),
    close: () => mounts.release(),
    [Symbol.asyncDispose]: () => mounts.release(),
  };
}
