// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { IdMapping } from './records.ts';

/** Which users and groups a container's own stand for; without ranges they are the same. */
export interface IdMaps {
  readonly uidMap: readonly IdMapping[];
  readonly gidMap: readonly IdMapping[];
}

/** Ids have 32 bits, and the last of them means none. */
const mostIds = 0xffff_ffff;
const everyId: IdMapping = { containerId: 0, hostId: 0, size: mostIds };

export function hasMaps({ uidMap, gidMap }: IdMaps): boolean {
  return uidMap.length > 0 || gidMap.length > 0;
}

/** The same with a range in both. */
export function fullMaps({ uidMap, gidMap }: IdMaps): IdMaps {
  return {
    uidMap: uidMap.length > 0 ? uidMap : [everyId],
    gidMap: gidMap.length > 0 ? gidMap : [everyId],
  };
}

/**
 * Checks the maps of a container.
 *
 * @throws LadingError `invalid_argument` with reason `ID_MAP` for ranges that are none, or that overlap, or without the
 * container's root
 *
 * @example
 * ```ts
 * import { checkIdMaps } from '@lading/storage';
 *
 * const root = { containerId: 0, hostId: 100_000, size: 65_536 };
 * checkIdMaps({ uidMap: [root], gidMap: [root] });
 * try {
 *   checkIdMaps({ uidMap: [root, { ...root, containerId: 70_000 }], gidMap: [root] });
 * } catch (error) {
 *   console.log(String(error)); // → LadingError: uidMap: two ranges hold the hostId 100000
 * }
 * ```
 */
export function checkIdMaps({ uidMap, gidMap }: IdMaps): void {
  checkMap('uidMap', uidMap);
  checkMap('gidMap', gidMap);
}

function checkMap(name: string, map: readonly IdMapping[]): void {
  const refused = (what: string): LadingError =>
    new LadingError(Code.InvalidArgument, `${name}: ${what}`, { reason: 'ID_MAP' });
  for (const { containerId, hostId, size } of map) {
    const isRange = [containerId, hostId].every(
      (first) => Number.isSafeInteger(first) && first >= 0 && first + size <= mostIds,
    );
    if (!isRange || !Number.isSafeInteger(size) || size < 1) {
      throw refused(`${containerId}:${hostId}:${size} is no range of ids`);
    }
  }
  for (const side of ['containerId', 'hostId'] as const) {
    const sorted = map.toSorted((one, other) => one[side] - other[side]);
    const overlap = sorted.find((range, index) => {
      const before = sorted[index - 1];
      return before !== undefined && before[side] + before.size > range[side];
    });
    if (overlap !== undefined) throw refused(`two ranges hold the ${side} ${overlap[side]}`);
  }
  if (map.length > 0 && hostRootOf(map) === undefined)
    throw refused('no range holds the id 0 of the container');
}

/** The id outside of the container's root; undefined when nothing stands for it. */
export function hostRootOf(map: readonly IdMapping[]): number | undefined {
  return map.length === 0 ? 0 : map.find(({ containerId }) => containerId === 0)?.hostId;
}
