// SPDX-License-Identifier: Apache-2.0
import { join, normalize } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { isMountPoint } from '@lading/linux';
import { type Context, readContainer, runtimeOf } from '../core/context.ts';
import { createUndo } from '../core/undo.ts';
import { mountRootfs, unmountRootfs } from '../rootfs/folder-rootfs.ts';
import { resolveInRoot } from '../rootfs/read-in-root.ts';
import type { ContainerFiles, ContainerRecord } from '../types/containers.ts';
import { volumeOf } from '../volumes/volume-of.ts';
import { statusOf } from './status.ts';

/** What the runtime mounts there is no file of the container. */
const ofKernel = ['/dev', '/proc', '/sys'];

/** The files of a container, by way of the host; the caller holds its lock. */
export async function openFilesLocked(
  context: Context,
  id: string,
): Promise<ContainerFiles & AsyncDisposable> {
  const { idMaps, ...plain } = await readContainer(context, id);
  // Such a folder has the ids of the container already, and is written to as it is.
  const record: ContainerRecord =
    idMaps === undefined || plain.options.rootfs?.idMapped ? plain : { ...plain, idMaps };
  const mounts = await mountsOf(context, record);
  const handler = runtimeOf(context, record);
  const runs = (await statusOf(context, record)) === 'running';
  const rootfs = await mountRootfs(context, record);
  const undo = createUndo();
  undo.add(() => unmountRootfs(context, record));
  try {
    // Frozen, so that nothing in it can put a link to elsewhere into a path that has been looked at.
    if (runs) await handler.pause(id);
  } catch (error) {
    throw await undo.unwind(error);
  }
  return {
    id,
    user: record.user ?? { uid: 0, gid: 0 },
    ...(record.idMaps && { idMaps: record.idMaps }),
    async resolve(path) {
      const full = normalize(join('/', path));
      const { target, source } = mounts.find(({ target }) => isIn(full, target)) ?? {};
      if (target === undefined) return resolveInRoot(rootfs, full);
      if (source !== undefined) return resolveInRoot(source, full.slice(target.length));
      throw new LadingError(
        Code.FailedPrecondition,
        `${path} of container ${record.name} is at ${target}, where no files are that last; use exec to reach it`,
        { reason: 'NO_LASTING_FILES' },
      );
    },
    async [Symbol.asyncDispose]() {
      try {
        if (runs) await handler.resume(id);
      } finally {
        await unmountRootfs(context, record);
      }
    },
  };
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

interface Mounted {
  readonly target: string;
  /** Folder or file of the host; none for what is in memory. */
  readonly source?: string;
}

/** What is mounted when it runs, the longest path first. */
async function mountsOf(context: Context, record: ContainerRecord): Promise<readonly Mounted[]> {
  const found = await Promise.all(
    (record.options.mounts ?? []).map(async (mount): Promise<Mounted> => {
      const target = normalize(mount.target).replace(/\/$/, '');
      if (mount.type === 'bind' && typeof mount.overlay !== 'object') return { target, source: mount.source };
      if (mount.type !== 'volume') return { target };
      const volume = await volumeOf(context, record, mount);
      if (volume.mount === undefined || isMountPoint(volume.mountpoint)) {
        return { target, source: volume.mountpoint };
      }
      return volume.mount.type === 'bind' ? { target, source: volume.mount.path } : { target };
    }),
  );
  const kernel = ofKernel.map((target) => ({ target }));
  return [...found, ...kernel].sort((a, b) => b.target.length - a.target.length);
}
