// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';

export interface RootFolder {
  readonly folder: string;
  release(): Promise<void>;
}

/** Mounts the files of a container, or finds them where it was made from a folder. */
export async function rootFolder(
  { store }: Engine,
  { id, name, options: { rootfs }, run }: ContainerInfo,
): Promise<RootFolder> {
  if (rootfs === undefined) {
    const folder = await store.containers.mount(id);
    return { folder, release: () => store.containers.unmount(id) };
  }
  const folder = rootfs.overlay ? (run?.rootfs ?? '') : rootfs.path;
  if (folder !== '') return { folder, release: async () => {} };
  throw new LadingError(
    Code.FailedPrecondition,
    `the files of container ${name}, which lie over ${rootfs.path}, are together while it runs only: start it, or use "lading cp"`,
  );
}
