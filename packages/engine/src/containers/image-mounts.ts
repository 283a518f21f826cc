// SPDX-License-Identifier: Apache-2.0
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import type { Context } from '../core/context.ts';
import { userMounts } from '../spec/mounts.ts';
import { isMissing } from '../state/atomic-file.ts';
import { namesIn } from '../state/names-in.ts';
import type { ContainerMount } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';

/** Images that are mounted for as long as the runtime makes the container, which then has them by itself. */
export interface ImageMounts extends AsyncDisposable {
  folder(image: string): string;
}

/** The caller holds the lock of the container with this id. */
export async function mountImages(
  context: Context,
  id: string,
  mounts: readonly ContainerMount[],
): Promise<ImageMounts> {
  const wanted = new Set(mounts.flatMap((mount) => (mount.type === 'image' ? [mount.source] : [])));
  const folders = new Map<string, string>();
  const unmountAll = (): Promise<void> => releaseImageMounts(context, id);
  if (wanted.size > 0) await unmountAll(); // of a process that was killed
  try {
    for (const image of wanted) {
      await mkdir(notesFolder(context), { recursive: true, mode: 0o700 });
      // Before the mount: one that nobody knows of would keep the image for ever.
      await appendFile(join(notesFolder(context), id), `${image}\n`, { mode: 0o600 });
      folders.set(image, await context.store.images.mount(image));
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
    [Symbol.asyncDispose]: async () => {
      if (wanted.size > 0) await unmountAll();
    },
  };
}

/** Where it is noted which images are mounted for a container that is being made. */
function notesFolder(context: Context): string {
  return join(context.runDir, 'image-mounts');
}

/** Idempotent; the caller holds the lock of the container. */
export async function releaseImageMounts(context: Context, id: string): Promise<void> {
  const note = join(notesFolder(context), id);
  const text = await readFile(note, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  for (const image of text.split('\n').filter((line) => line !== '')) {
    try {
      await context.store.images.unmount(image);
    } catch (error) {
      if (!hasCode(error, Code.NotFound)) throw error; // removed by force
    }
  }
  await rm(note, { force: true });
}

/** Of processes that were killed. Those that live hold the locks of what they make. */
export async function sweepImageMounts(context: Context): Promise<void> {
  for (const id of await namesIn(notesFolder(context)))
    await context.locks.tryHold(id, () => releaseImageMounts(context, id));
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
export async function checkImageFolders(
  context: Context,
  id: string,
  mounts: readonly ContainerMount[],
): Promise<void> {
  const parts = mounts.filter((mount) => mount.type === 'image' && mount.subPath !== undefined);
  if (parts.length === 0) return;
  await using images = await mountImages(context, id, parts);
  await userMounts(parts, images.folder);
}

/** Made from the image, or with its files mounted. */
export function usesImage({ imageId, options }: ContainerRecord, id: string): boolean {
  return (
    imageId === id || (options.mounts ?? []).some((mount) => mount.type === 'image' && mount.source === id)
  );
}
