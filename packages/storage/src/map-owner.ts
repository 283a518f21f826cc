// SPDX-License-Identifier: Apache-2.0
import type { IdMaps } from './id-maps.ts';
import type { IdMapping } from './records.ts';

/** User and group of a file. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What the kernel shows for an id that a user namespace does not have, by its default. */
const overflowId = 65_534;

/**
 * The owner that a file gets whose layer had one pair of maps and is to have another. What the new maps do not hold goes to
 * the overflow id, as with id-mapped mounts and as other tools have it.
 */
export function mapOwner({ uid, gid }: Owner, from: IdMaps, to: IdMaps): Owner {
  return { uid: mapId(uid, from.uidMap, to.uidMap), gid: mapId(gid, from.gidMap, to.gidMap) };
}

function mapId(id: number, from: readonly IdMapping[], to: readonly IdMapping[]): number {
  // Files of a layer below that has no maps belong to root.
  const inside = moved(id, from, 'hostId', 'containerId') ?? (id === 0 ? 0 : undefined);
  if (inside === undefined) return overflowId;
  return moved(inside, to, 'containerId', 'hostId') ?? overflowId;
}

function moved(
  id: number,
  map: readonly IdMapping[],
  before: 'containerId' | 'hostId',
  after: 'containerId' | 'hostId',
): number | undefined {
  if (map.length === 0) return id;
  const range = map.find((one) => id >= one[before] && id < one[before] + one.size);
  return range && id - range[before] + range[after];
}
