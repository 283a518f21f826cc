// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import type { Context } from '../core/context.ts';
import type { ContainerMount, ContainerOptions } from '../types/container-options.ts';

/** The mounts with a name for each volume; those that are not there are made. */
export async function withVolumes(
  context: Context,
  mounts: readonly ContainerMount[],
): Promise<{ readonly mounts: readonly ContainerMount[]; undo(): Promise<void> }> {
  const made: string[] = [];
  const undo = async (): Promise<void> => {
    for (const name of made) await context.volumes.delete(name);
  };
  try {
    const named: ContainerMount[] = [];
    for (const mount of mounts) named.push(mount.type === 'volume' ? await withName(mount) : mount);
    return { mounts: named, undo };
  } catch (error) {
    await undo();
    throw error;
  }

  async function withName(mount: Extract<ContainerMount, { type: 'volume' }>): Promise<ContainerMount> {
    const { name } = mount;
    if (name !== undefined && (await context.volumes.get(name)) !== undefined) return mount;
    try {
      const volume = await context.volumes.add({ name, anonymous: name === undefined }, context.now());
      made.push(volume.name);
      return { ...mount, name: volume.name };
    } catch (error) {
      // Another container brought it along at the same time.
      if (hasCode(error, Code.AlreadyExists)) return mount;
      throw error;
    }
  }
}

/** What the image wants outside of the root file system, as the options want it, where no mount is. */
export function imageVolumeMounts(
  targets: readonly string[],
  { imageVolumes = 'ignore', mounts = [] }: ContainerOptions,
): readonly ContainerMount[] {
  if (imageVolumes === 'ignore') return [];
  const taken = new Set(mounts.map(({ target }) => posix.normalize(target).replace(/(.)\/$/, '$1')));
  return targets
    .map((target) => posix.normalize(`/${target}`).replace(/(.)\/$/, '$1'))
    .filter((target) => target !== '/' && !taken.has(target))
    .map((target) => ({ type: imageVolumes === 'tmpfs' ? 'tmpfs' : 'volume', target }));
}

/** @throws NotFound when a volume was removed since it was looked for */
export async function checkVolumes(context: Context, { mounts = [] }: ContainerOptions): Promise<void> {
  for (const mount of mounts) {
    if (mount.type !== 'volume' || (await context.volumes.get(mount.name ?? '')) !== undefined) continue;
    throw new LadingError(Code.NotFound, `volume ${mount.name} was removed meanwhile: try again`, {
      reason: 'VOLUME_UNKNOWN',
    });
  }
}

/** Removes the volumes that were made for a container alone; the container is gone. */
export async function removeAnonymousVolumes(
  context: Context,
  { mounts = [] }: Pick<ContainerOptions, 'mounts'>,
): Promise<void> {
  const names = mounts.flatMap((mount) =>
    mount.type === 'volume' && mount.name !== undefined ? [mount.name] : [],
  );
  if (names.length === 0) return;
  const [containers, pods] = await Promise.all([context.containers.list(), context.pods.list()]);
  const others = [
    ...containers.map(({ options }) => options),
    ...pods.flatMap(({ options }) => options.containerDefaults ?? []),
  ].flatMap(({ mounts = [] }) => mounts);
  for (const name of names) {
    const volume = await context.volumes.get(name);
    if (volume?.anonymous && !others.some((mount) => mount.type === 'volume' && mount.name === name)) {
      await context.volumes.delete(name);
    }
  }
}
