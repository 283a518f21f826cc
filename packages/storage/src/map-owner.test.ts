// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { IdMaps } from './id-maps.ts';
import { mapOwner, type Owner } from './map-owner.ts';
import type { IdMapping } from './records.ts';

const none: IdMaps = { uidMap: [], gidMap: [] };
const maps = (...ranges: (readonly [containerId: number, hostId: number, size: number])[]): IdMaps => {
  const map: IdMapping[] = ranges.map(([containerId, hostId, size]) => ({ containerId, hostId, size }));
  return { uidMap: map, gidMap: map };
};
const shifted = maps([0, 100_000, 1000]);
const split = maps([0, 1000, 1], [1, 200_000, 500]);

describe('mapOwner', () => {
  it.each<[string, Owner, IdMaps, IdMaps, Owner]>([
    ['shifts an owner into a range', { uid: 0, gid: 42 }, none, shifted, { uid: 100_000, gid: 100_042 }],
    ['takes the range that holds an id', { uid: 0, gid: 7 }, none, split, { uid: 1000, gid: 200_006 }],
    [
      'gives what no range holds to nobody',
      { uid: 1000, gid: 999 },
      none,
      shifted,
      { uid: 65_534, gid: 100_999 },
    ],
    [
      'takes former maps back first',
      { uid: 100_007, gid: 100_000 },
      shifted,
      split,
      { uid: 200_006, gid: 1000 },
    ],
    ['takes former maps back alone', { uid: 200_000, gid: 1000 }, split, none, { uid: 1, gid: 0 }],
    ['takes root below former maps for root', { uid: 0, gid: 0 }, shifted, split, { uid: 1000, gid: 1000 }],
    [
      'gives what former maps do not hold to nobody',
      { uid: 5, gid: 100_000 },
      shifted,
      none,
      { uid: 65_534, gid: 0 },
    ],
    [
      'maps users alone when there are no ranges for groups',
      { uid: 3, gid: 3 },
      none,
      { ...shifted, gidMap: [] },
      { uid: 100_003, gid: 3 },
    ],
  ])('%s', (_what, owner, from, to, expected) => {
    expect(mapOwner(owner, from, to)).toEqual(expected);
  });
});
