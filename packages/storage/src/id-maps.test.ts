// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { checkIdMaps, fullMaps, hostRootOf } from './id-maps.ts';
import type { IdMapping } from './records.ts';

const range = (containerId: number, hostId: number, size: number): IdMapping => ({
  containerId,
  hostId,
  size,
});

describe('id maps', () => {
  it.each<[string, readonly IdMapping[]]>([
    ['none', []],
    ['one range', [range(0, 100_000, 65_536)]],
    ['ranges that touch, in any order', [range(1, 100_001, 10), range(0, 7, 1), range(11, 0, 7)]],
    ['all ids', [range(0, 0, 0xffff_ffff)]],
  ])('are taken: %s', (_what, map) => {
    expect(() => checkIdMaps({ uidMap: map, gidMap: map })).not.toThrow();
  });

  it.each<[string, readonly IdMapping[], RegExp]>([
    ['a range of nothing', [range(0, 1, 0)], /0:1:0 is no range/],
    ['a negative id', [range(0, -1, 5)], /no range/],
    ['half an id', [range(0, 0.5, 5)], /no range/],
    ['more than 32 bits', [range(0, 0xffff_ffff, 1)], /no range/],
    [
      'an id that is given twice inside',
      [range(0, 100, 10), range(9, 200, 10)],
      /two ranges hold the containerId 9/,
    ],
    [
      'an id that is given twice outside',
      [range(0, 100, 10), range(20, 105, 10)],
      /two ranges hold the hostId 105/,
    ],
    ['no root', [range(1, 100, 10)], /the id 0 of the container/],
  ])('are refused: %s', (_what, map, message) => {
    for (const maps of [
      { uidMap: map, gidMap: [] },
      { uidMap: [], gidMap: map },
    ]) {
      expect(() => checkIdMaps(maps)).toThrow(
        expect.objectContaining({
          code: Code.InvalidArgument,
          reason: 'ID_MAP',
          message: expect.stringMatching(message),
        }),
      );
    }
  });

  it('that are missing mean that ids are the same', () => {
    const uidMap = [range(0, 100, 10)];
    expect(fullMaps({ uidMap, gidMap: [] })).toEqual({ uidMap, gidMap: [range(0, 0, 0xffff_ffff)] });
    expect([hostRootOf(uidMap), hostRootOf([]), hostRootOf([range(1, 5, 1)])]).toEqual([100, 0, undefined]);
  });
});
