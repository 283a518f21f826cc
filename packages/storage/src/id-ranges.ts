// SPDX-License-Identifier: Apache-2.0
import type { IdMapping } from './records.ts';

/** Ids from `start` on, up to and without `end`. */
export interface IdRange {
  readonly start: number;
  readonly end: number;
}

/** The same ids in ranges that are sorted, and neither empty, nor touch each other. */
export function joinRanges(ranges: readonly IdRange[]): readonly IdRange[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((one, other) => one.start - other.start)) {
    const last = joined.at(-1);
    if (end <= start) continue;
    if (last === undefined || last.end < start) joined.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return joined;
}

/** Ids of the first that are not in the second. */
export function withoutRanges(ranges: readonly IdRange[], taken: readonly IdRange[]): readonly IdRange[] {
  let left = joinRanges(ranges);
  for (const { start, end } of joinRanges(taken)) {
    left = left.flatMap((range) => [
      { start: range.start, end: Math.min(range.end, start) },
      { start: Math.max(range.start, end), end: range.end },
    ]);
  }
  return joinRanges(left);
}

export function countIds(ranges: readonly IdRange[]): number {
  return joinRanges(ranges).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The lowest ids, so many; undefined when there are not as many. */
export function firstIds(ranges: readonly IdRange[], count: number): readonly IdRange[] | undefined {
  const found: IdRange[] = [];
  let missing = count;
  for (const { start, end } of joinRanges(ranges)) {
    if (missing === 0) break;
    const taken = Math.min(missing, end - start);
    found.push({ start, end: start + taken });
    missing -= taken;
  }
  return missing === 0 ? found : undefined;
}

/** Gives each id of a container, in order, an id of the host, in order. */
export function pairRanges(
  containerIds: readonly IdRange[],
  hostIds: readonly IdRange[],
): readonly IdMapping[] {
  const [inside, outside] = [joinRanges(containerIds), joinRanges(hostIds)].map((ranges) =>
    ranges.map(({ start, end }) => ({ start, end })),
  );
  const map: IdMapping[] = [];
  for (let [one, other] = [inside?.shift(), outside?.shift()]; one !== undefined && other !== undefined; ) {
    const size = Math.min(one.end - one.start, other.end - other.start);
    map.push({ containerId: one.start, hostId: other.start, size });
    one.start += size;
    other.start += size;
    if (one.start === one.end) one = inside?.shift();
    if (other.start === other.end) other = outside?.shift();
  }
  return map;
}

export function hostRanges(map: readonly IdMapping[]): readonly IdRange[] {
  return map.map(({ hostId, size }) => ({ start: hostId, end: hostId + size }));
}

export function containerRanges(map: readonly IdMapping[]): readonly IdRange[] {
  return map.map(({ containerId, size }) => ({ start: containerId, end: containerId + size }));
}
