// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Context, namesLock } from '../core/context.ts';
import type { Containers } from '../types/containers.ts';
import type { VolumeInfo, Volumes } from '../types/volumes.ts';
import { mountVolume, unmountVolume } from './mounted-volume.ts';

/** The calls of {@link Volumes}. */
export function createVolumes(context: Context, containers: Pick<Containers, 'remove'>): Volumes {
  const { volumes } = context;

  async function find(ref: string): Promise<VolumeInfo> {
    const named = await volumes.get(ref);
    if (named !== undefined) return named;
    const [found, ...others] = (await volumes.list()).filter(
      ({ name }) => ref !== '' && name.startsWith(ref),
    );
    if (found === undefined) {
      throw new LadingError(
        Code.NotFound,
        `no volume with name ${JSON.stringify(ref.slice(0, 255))} found: no such volume`,
        {
          reason: 'VOLUME_UNKNOWN',
        },
      );
    }
    if (others.length > 0) {
      throw new LadingError(
        Code.InvalidArgument,
        `more than one volume begins with ${ref}: give more of the name`,
      );
    }
    return found;
  }

  async function usersOf(name: string): Promise<readonly string[]> {
    return (await context.containers.list()).filter(({ options }) => has(options, name)).map(({ id }) => id);
  }

  return {
    async create(options = {}) {
      const existing =
        options.name === undefined || !options.ignoreExisting ? undefined : await volumes.get(options.name);
      if (existing !== undefined) return existing;
      const volume = await volumes.add(options, context.now());
      context.events.emit({ type: 'volume', action: 'create', id: volume.name, name: volume.name });
      return volume;
    },
    list: () => volumes.list(),
    inspect: find,
    exists: async (name) => (await volumes.get(name)) !== undefined,
    async mount(ref) {
      const volume = await find(ref);
      await mountVolume(context, volume);
      return volume;
    },
    async unmount(ref) {
      const volume = await find(ref);
      await unmountVolume(context, volume);
      return volume;
    },
    usersOf,
    async *pack(ref, { signal } = {}) {
      const volume = await find(ref);
      const { packFolder } = await import('@lading/layer');
      await mountVolume(context, volume);
      try {
        // Its chunks are used again, and a reader may still hold the last one.
        for await (const chunk of packFolder(volume.mountpoint, { signal })) yield Uint8Array.from(chunk);
      } finally {
        await unmountVolume(context, volume);
      }
    },
    async unpack(ref, archive, { signal } = {}) {
      const volume = await find(ref);
      const { applyLayer } = await import('@lading/layer');
      await mountVolume(context, volume);
      try {
        await applyLayer(archive, volume.mountpoint, { whiteouts: 'remove', ...(signal && { signal }) });
      } finally {
        await unmountVolume(context, volume);
      }
    },
    async remove(ref, { force = false, timeoutMs = 0, signal } = {}) {
      const volume = await find(ref);
      if (force) {
        for (const id of await usersOf(volume.name)) {
          await containers.remove(id, {
            ...{ force: true, ignoreMissing: true, timeoutMs },
            ...(signal && { signal }),
          });
        }
      }
      // No container comes to have it meanwhile: those are written under the same lock.
      await context.locks.hold(namesLock, async () => {
        const users = await usersOf(volume.name);
        if (users.length > 0) {
          throw new LadingError(
            Code.FailedPrecondition,
            `volume ${volume.name} is being used by the following container(s): ${users.join(', ')}: volume is being used`,
            { reason: 'VOLUME_IN_USE' },
          );
        }
        await volumes.delete(volume.name);
      });
      context.events.emit({ type: 'volume', action: 'remove', id: volume.name, name: volume.name });
      return volume;
    },
  };
}

function has(
  { mounts = [] }: { readonly mounts?: readonly { readonly type: string; readonly name?: string }[] },
  name: string,
): boolean {
  return mounts.some((mount) => mount.type === 'volume' && mount.name === name);
}
