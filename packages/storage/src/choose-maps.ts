// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { StoreContext } from './context.ts';
import type { IdMaps } from './id-maps.ts';
import { containerRanges, countIds, firstIds, hostRanges, pairRanges, withoutRanges } from './id-ranges.ts';
import { idsOfImage } from './ids-of-image.ts';
import { requestedImage } from './read-only-stores.ts';
import type { IdMapping } from './records.ts';
import { type AvailableIds, availableIds } from './sub-ids.ts';
import type { AutoIdMaps, NewContainer } from './types.ts';

/**
 * Chooses maps that no container of the store has, as `--userns=auto` does. The caller holds the lock of those who choose
 * until the container is recorded.
 *
 * @throws LadingError `resource_exhausted` with reason `NO_IDS` when not enough ids are free
 */
export async function chooseMaps(
  context: StoreContext,
  auto: AutoIdMaps,
  request: NewContainer,
  signal: AbortSignal | undefined,
): Promise<IdMaps> {
  const { user, subUidPath, subGidPath } = context.autoIds;
  const size = auto.size ?? (await sizeFor(context, auto, request, signal));
  const containers = (await context.containers.read(signal)).all;
  const choose = (kind: 'uid' | 'gid', path: string, added: readonly IdMapping[]): readonly IdMapping[] => {
    const taken = containers.flatMap((container) => (kind === 'uid' ? container.uidMap : container.gidMap));
    const wanted = withoutRanges([{ start: 0, end: size }], containerRanges(added));
    const available = availableIds(kind, path, user);
    const free = withoutRanges(available.ranges, hostRanges([...taken, ...added]));
    const found = firstIds(free, countIds(wanted));
    if (found === undefined) throw noIds(`${countIds(wanted)} ${kind}s`, available);
    return [...pairRanges(wanted, found), ...added];
  };
  return {
    uidMap: choose('uid', subUidPath, auto.additionalUidMap ?? []),
    gidMap: choose('gid', subGidPath, auto.additionalGidMap ?? []),
  };
}

async function sizeFor(
  context: StoreContext,
  auto: AutoIdMaps,
  request: NewContainer,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { minSize, maxSize } = context.autoIds;
  const found = await requestedImage(context, request, signal);
  const top = request.layer ?? found?.image.topLayer;
  const needed = top === undefined ? 0 : await idsOfImage(context, top, auto, signal);
  const size = Math.max(minSize, auto.initialSize ?? 1, needed);
  if (size <= maxSize) return size;
  throw new LadingError(
    Code.ResourceExhausted,
    `the container needs ${size} ids, and may have ${maxSize} (auto-userns-max-size); raise that, or say how many it gets`,
    { reason: 'NO_IDS' },
  );
}

function noIds(what: string, { ranges, source, remedy }: AvailableIds): LadingError {
  const count = countIds(ranges);
  const why = count === 0 ? 'has none' : `has ${count}, and other containers have too many of them`;
  return new LadingError(
    Code.ResourceExhausted,
    `there are not ${what} free for the container: ${source} ${why}; ${remedy}`,
    { reason: 'NO_IDS' },
  );
}
