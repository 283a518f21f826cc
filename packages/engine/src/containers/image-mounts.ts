// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Context } from '../core/context.ts';
import { userMounts } from '../spec/mounts.ts';
import type { ContainerMount } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';

/** Images that are mounted for as long as the runtime makes the container, which then has them by itself. */
export interface ImageMounts extends AsyncDisposable {
  folder(image: string): string;
}

export async function mountImages(context: Context, mounts: readonly ContainerMount[]): Promise<ImageMounts> {
  const folders = new Map<string, string>();
  const unmountAll = async (): Promise<void> => {
    for (const image of folders.keys()) await context.store.images.unmount(image);
  };
  try {
    for (const mount of mounts) {
      if (mount.type !== 'image' || folders.has(mount.source)) continue;
      folders.set(mount.source, await context.store.images.mount(mount.source));
    }
  } catch (error) {
    await unmountAll();
    throw error;
  }
  return {
    folder(image) {
      const folder = folders.get(image);
      if (folder === undefined) throw new LadingError(Code.Internal, `image ${image} is not mounted`);
      return folder;
    },
    [Symbol.asyncDispose]: unmountAll,
  };
}

/** Mounts with the ids of their images: a name may mean another image later. @throws NotFound */
export async function withImageIds(
  context: Context,
  mounts: readonly ContainerMount[],
): Promise<readonly ContainerMount[]> {
  return Promise.all(
    mounts.map(async (mount) => {
      if (mount.type !== 'image') return mount;
      return { ...mount, source: (await context.images.inspect(mount.source)).id };
    }),
  );
}

/** Folders of images that are to be mounted are looked for early, so that no container is made in vain. @throws NotFound */
export async function checkImageFolders(context: Context, mounts: readonly ContainerMount[]): Promise<void> {
  const parts = mounts.filter((mount) => mount.type === 'image' && mount.subPath !== undefined);
  if (parts.length === 0) return;
  await using images = await mountImages(context, parts);
  await userMounts(parts, images.folder);
}

/** Made from the image, or with its files mounted. */
export function usesImage({ imageId, options }: ContainerRecord, id: string): boolean {
  return (
    imageId === id || (options.mounts ?? []).some((mount) => mount.type === 'image' && mount.source === id)
  );
}
