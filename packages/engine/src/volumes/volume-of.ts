// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Context } from '../core/context.ts';
import type { ContainerMount } from '../types/container-options.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { VolumeInfo } from '../types/volumes.ts';

/** The volume that a container has mounted. @throws NotFound with reason VOLUME_UNKNOWN when it was removed by force */
export async function volumeOf(
  context: Context,
  container: Pick<ContainerRecord, 'name'>,
  { name = '' }: Extract<ContainerMount, { type: 'volume' }>,
): Promise<VolumeInfo> {
  const volume = await context.volumes.get(name);
  if (volume !== undefined) return volume;
  throw new LadingError(
    Code.NotFound,
    `volume ${name} of container ${container.name} is gone: no such volume`,
    { reason: 'VOLUME_UNKNOWN' },
  );
}
