// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { type IdRange, joinRanges } from './id-ranges.ts';
import { ifThere } from './paths.ts';

const isId = /^\d{1,10}$/;

/** The ids that a file such as /etc/subuid gives a user: lines `user:first:count`. Lines that are none are left out. */
export function parseSubIds(text: string, user: string): readonly IdRange[] {
  const ranges: IdRange[] = [];
  for (const line of text.split('\n')) {
    const [name, first = '', count = ''] = line.trim().split(':');
    if (name !== user || !isId.test(first) || !isId.test(count)) continue;
    ranges.push({ start: Number(first), end: Number(first) + Number(count) });
  }
  return joinRanges(ranges);
}

/** The ids of the user namespace that this process is in, but for root; undefined in that of the machine. */
export function parseOwnIds(map: string): readonly IdRange[] | undefined {
  const lines = map.trim().split('\n');
  const ranges = lines.map((line) => {
    const [start = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return { start: Math.max(start, 1), end: start + count };
  });
  return lines.length === 1 && ranges[0]?.end === 0xffff_ffff ? undefined : joinRanges(ranges);
}

/** The ids that may be given to containers, and in words where they come from. */
export interface AvailableIds {
  readonly ranges: readonly IdRange[];
  readonly source: string;
  /** What gives more of them. */
  readonly remedy: string;
}

/** Looks into /etc/subuid or /etc/subgid, or at the user namespace that this process is in. */
export function availableIds(kind: 'uid' | 'gid', path: string, user: string): AvailableIds {
  const ranges = parseOwnIds(readFileSync(`/proc/self/${kind}_map`, 'utf8'));
  if (ranges !== undefined) {
    const remedy = 'start in one with more (podman unshare, or unshare --map-auto)';
    return { ranges, source: 'the user namespace', remedy };
  }
  return {
    ranges: parseSubIds(ifThere(() => readFileSync(path, 'utf8')) ?? '', user),
    source: `${path} for the user ${user}`,
    remedy: `add a line such as ${user}:2147483647:2147483648`,
  };
}
