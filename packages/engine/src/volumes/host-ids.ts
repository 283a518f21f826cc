// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { IdMaps } from '../types/container-options.ts';

/** The ids outside that stand for those inside. @throws InvalidArgument when none do */
export function onHost(
  { uid, gid }: { readonly uid: number; readonly gid: number },
  maps: IdMaps | undefined,
): { readonly uid: number; readonly gid: number } {
  if (maps === undefined) return { uid, gid };
  const shift = (id: number, map: IdMaps['uidMap']): number => {
    const range = map.find(({ containerId, size }) => id >= containerId && id < containerId + size);
    if (range === undefined) {
      throw new LadingError(
        Code.InvalidArgument,
        `the id ${id} of the container's user is not in its user namespace`,
      );
    }
    return range.hostId + id - range.containerId;
  };
  return { uid: shift(uid, maps.uidMap), gid: shift(gid, maps.gidMap) };
}
