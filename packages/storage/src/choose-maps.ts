// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import type { IdMaps } from './id-maps.ts';
import {
  containerRanges,
  countIds,
  firstIds,
  hostRanges,
  type IdRange,
  pairRanges,
  withoutRanges,
} from './id-ranges.ts';
import { idsOfImage } from './ids-of-image.ts';
import { findImage } from './read-only-stores.ts';
import type { IdMapping } from './records.ts';
import { availableIds } from './sub-ids.ts';
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
    const all = availableIds(kind, path, user);
    const found = firstIds(withoutRanges(all, hostRanges([...taken, ...added])), countIds(wanted));
    if (found === undefined) throw noIds(countIds(wanted), all, kind, path, user);
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
  { imageId, layer }: NewContainer,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { minSize, maxSize } = context.autoIds;
  const isOfImage = imageId !== undefined && imageId !== '';
  const image = isOfImage
    ? known(await findImage(context, imageId, signal), imageId, 'image').image
    : undefined;
  const top = layer ?? image?.topLayer;
  const needed = top === undefined ? 0 : await idsOfImage(context, top, auto, signal);
  const size = Math.max(minSize, auto.initialSize ?? 1, needed);
  if (size <= maxSize) return size;
  throw new LadingError(
    Code.ResourceExhausted,
    `the container needs ${size} ids, and may have ${maxSize} (auto-userns-max-size); raise that, or say how many it gets`,
    { reason: 'NO_IDS' },
  );
}

function noIds(
  count: number,
  all: readonly IdRange[],
  kind: 'uid' | 'gid',
  path: string,
  user: string,
): LadingError {
  const had = countIds(all);
  const what =
    had === 0
      ? `${path} gives none to the user ${user}; add a line such as ${user}:2147483647:2147483648`
      : `other containers have too many of the ${had} that there are; remove some, or give the user ${user} more in ${path}`;
  return new LadingError(
    Code.ResourceExhausted,
    `there are not ${count} ${kind}s free for the container: ${what}`,
    {
      reason: 'NO_IDS',
    },
  );
}
