// SPDX-License-Identifier: Apache-2.0
import type { Engine } from '@lading/engine';
import { externalContainers } from './external-containers.ts';
import type { PruneFilter } from './prune-filter.ts';

export interface PruneImagesOptions {
  /** Not only those without a name. */
  readonly all: boolean;
  /** Also those that containers of other tools use, which go too. Default false. */
  readonly external?: boolean;
  readonly signal: AbortSignal;
}

/** Removes images that nobody uses and that match. Gives their ids, and the bytes freed. */
export async function pruneImages(
  engine: Engine,
  { createdBefore, matches }: PruneFilter,
  { all, external = false, signal }: PruneImagesOptions,
): Promise<{ readonly ids: readonly string[]; readonly bytes: number }> {
  const { images, store } = engine;
  // By id: what is asked of the store is in its own terms, labels are in the image's config.
  const labels = new Map((await images.list()).map((image) => [image.id, image.labels]));
  const sizes = new Map(
    (await store.images.usage({ signal })).map(({ id, uniqueBytes }) => [id, uniqueBytes]),
  );
  const others = new Set(external ? (await externalContainers(engine)).map(({ id }) => id) : []);
  const pruned = await store.prune({
    all,
    createdBefore,
    filter: ({ id }) => matches(labels.get(id) ?? {}),
    goesAlong: ({ id }) => others.has(id),
    signal,
  });
  const ids = pruned.images.map(({ id }) => id);
  return { ids, bytes: ids.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0) };
}
