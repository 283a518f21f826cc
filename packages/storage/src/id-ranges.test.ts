// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countIds, firstIds, type IdRange, joinRanges, pairRanges, withoutRanges } from './id-ranges.ts';

const range = (start: number, end: number): IdRange => ({ start, end });
const ranges = fc.array(
  fc.tuple(fc.nat(60), fc.nat(20)).map(([start, size]) => range(start, start + size)),
  { maxLength: 8 },
);
const idsOf = (all: readonly IdRange[]): ReadonlySet<number> =>
  new Set(
    all.flatMap(({ start, end }) => Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i)),
  );

describe('ranges of ids', () => {
  it('are joined where they touch or overlap, and left out where they are empty', () => {
    expect(joinRanges([range(10, 20), range(5, 5), range(0, 4), range(4, 6), range(15, 30)])).toEqual([
      range(0, 6),
      range(10, 30),
    ]);
  });

  it('have the ids of a set, less those of another, in any order', () => {
    fc.assert(
      fc.property(ranges, ranges, (all, taken) => {
        const left = withoutRanges(all, taken);
        const gone = idsOf(taken);
        expect(idsOf(left)).toEqual(
          new Set([...idsOf(all)].filter((id) => !gone.has(id)).sort((a, b) => a - b)),
        );
        expect(joinRanges(left)).toEqual(left);
        expect(countIds(all)).toBe(idsOf(all).size);
      }),
    );
  });

  it('give the lowest ids, or none when there are too few', () => {
    expect(firstIds([range(10, 12), range(5, 6)], 2)).toEqual([range(5, 6), range(10, 11)]);
    expect(firstIds([range(10, 12)], 3)).toBeUndefined();
    expect(firstIds([], 0)).toEqual([]);
  });

  it('are paired in order, each id once', () => {
    expect(pairRanges([range(0, 5), range(8, 10)], [range(100, 103), range(200, 204)])).toEqual([
      { containerId: 0, hostId: 100, size: 3 },
      { containerId: 3, hostId: 200, size: 2 },
      { containerId: 8, hostId: 202, size: 2 },
    ]);
  });
});
