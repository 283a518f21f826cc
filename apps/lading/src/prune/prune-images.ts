// SPDX-License-Identifier: Apache-2.0
import type { Engine } from '@lading/engine';
import type { PruneFilter } from './prune-filter.ts';

/** Removes images that nobody uses and that match: those without a name, or `all`. Gives their ids, and the bytes freed. */
export async function pruneImages(
  { images, store }: Engine,
  all: boolean,
  { createdBefore, matches }: PruneFilter,
  signal: AbortSignal,
): Promise<{ readonly ids: readonly string[]; readonly bytes: number }> {
  // By id: what is asked of the store is in its own terms, labels are in the image's config.
  const labels = new Map((await images.list()).map((image) => [image.id, image.labels]));
  const sizes = new Map(
    (await store.images.usage({ signal })).map(({ id, uniqueBytes }) => [id, uniqueBytes]),
  );
  const pruned = await store.prune({
    all,
    createdBefore,
    filter: ({ id }) => matches(labels.get(id) ?? {}),
    signal,
  });
  const ids = pruned.images.map(({ id }) => id);
  return { ids, bytes: ids.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0) };
}
