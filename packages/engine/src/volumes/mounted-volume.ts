// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { isMountPoint, mount, unmount } from '@lading/linux';
import { type Context, withRun } from '../core/context.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { VolumeInfo } from '../types/volumes.ts';

/** One for all volumes: a mount takes no time. */
const lock = 'volumes';

/** Mounts what a volume is, when it is no plain folder and nobody has mounted it. */
export async function mountVolume(context: Context, volume: VolumeInfo): Promise<void> {
  const { mount: source, mountpoint, name } = volume;
  if (source === undefined) return;
  await context.locks.hold(lock, async () => {
    if (isMountPoint(mountpoint)) return;
    try {
      if (source.type === 'bind')
        mount({ source: source.path, target: mountpoint, flags: ['bind', 'recursive'] });
      else mount({ type: 'tmpfs', target: mountpoint, flags: ['nosuid', 'nodev'], data: source.data });
    } catch (reason) {
      const { code, message } = LadingError.from(reason);
      throw new LadingError(code, `mounting volume ${name}: ${message}`, { cause: reason });
    }
  });
}

/** Takes it away again, unless another container that has been started has the volume. */
export async function unmountVolume(
  context: Context,
  { mount: source, mountpoint, name }: VolumeInfo,
  ownId?: string,
): Promise<void> {
  if (source === undefined) return;
  await context.locks.hold(lock, async () => {
    if (!isMountPoint(mountpoint)) return;
    for (const stored of await context.containers.list()) {
      if (stored.id === ownId || !volumeNames(stored).includes(name)) continue;
      if ((await withRun(context, stored)).run !== undefined) return;
    }
    unmount(mountpoint, { lazy: true });
  });
}

/** Those of a container that has ended. */
export async function releaseVolumes(context: Context, record: ContainerRecord): Promise<void> {
  for (const name of volumeNames(record)) {
    const volume = await context.volumes.get(name);
    if (volume !== undefined) await unmountVolume(context, volume, record.id);
  }
}

function volumeNames({ options }: Pick<ContainerRecord, 'options'>): readonly string[] {
  return (options.mounts ?? []).flatMap((mount) =>
    mount.type === 'volume' && mount.name !== undefined ? [mount.name] : [],
  );
}
