// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { isMountPoint, mount, unmount } from '@lading/linux';
import type { Context } from '../core/context.ts';
import type { ContainerOptions } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { ImageDetails } from '../types/images.ts';
import { mountIdMapped } from '../volumes/id-mapped.ts';

/** What a container is made from when it has no image. */
export const noImage: Pick<ImageDetails, 'id' | 'names' | 'layers'> & {
  readonly config: Pick<ImageDetails['config'], 'config'>;
} = { id: '', names: [], layers: [], config: { config: {} } };

/** @throws InvalidArgument for what cannot be together with a folder in place of an image */
export function checkRootfs({ idMaps, image, namespaces, rootfs }: ContainerOptions): void {
  if (rootfs === undefined) return;
  const fault = (problem: string): LadingError => new LadingError(Code.InvalidArgument, problem);
  if (image !== '') throw fault('a container has an image or a folder as its root file system, not both');
  if (!/^\/[^:,\\\0]*$/.test(rootfs.path)) {
    throw fault(
      `the root file system ${JSON.stringify(rootfs.path)} must be an absolute path without : , and \\`,
    );
  }
  if (rootfs.idMapped && rootfs.overlay) {
    throw fault('a folder as the root file system is either an overlay or has other ids, not both');
  }
  if (!rootfs.idMapped && (idMaps !== undefined || namespaces?.user !== undefined)) {
    throw fault(
      'a folder as the root file system has the ids of the host: have it id-mapped, or leave idMaps out',
    );
  }
}

/** Mounts the root file system of a container: that of the store, or the folder that it was made from. */
export async function mountRootfs(
  context: Context,
  { bundle, id, idMaps, options }: ContainerRecord,
): Promise<string> {
  const { rootfs } = options;
  if (rootfs === undefined) return context.store.containers.mount(id);
  const isMapped = rootfs.idMapped === true && idMaps !== undefined;
  if (!rootfs.overlay && !isMapped) return rootfs.path;
  const folder = (name: string): string => join(bundle, 'rootfs', name);
  const merged = folder('merged');
  if (isMountPoint(merged)) return merged;
  mkdirSync(merged, { recursive: true });
  if (isMapped) {
    mountIdMapped(idMaps, { source: rootfs.path, target: merged });
    return merged;
  }
  for (const name of ['upper', 'work']) mkdirSync(folder(name), { recursive: true });
  mount({
    type: 'overlay',
    target: merged,
    data: `lowerdir=${rootfs.path},upperdir=${folder('upper')},workdir=${folder('work')}`,
  });
  return merged;
}

/**
 * Takes one mount away: in the store, what others have mounted there stays, as `podman mount` does. A folder in place
 * of an image is mounted for the run alone, and unmounted with `isRunOver`.
 */
export async function unmountRootfs(
  context: Context,
  { bundle, id, options }: ContainerRecord,
  { isRunOver = false }: { readonly isRunOver?: boolean } = {},
): Promise<void> {
  if (options.rootfs === undefined) {
    try {
      return await context.store.containers.unmount(id);
    } catch (error) {
      if (!isRunOver || !hasCode(error, Code.NotFound)) throw error;
      return;
    }
  }
  const merged = join(bundle, 'rootfs', 'merged');
  if (isRunOver && isMountPoint(merged)) unmount(merged, { lazy: true });
}
