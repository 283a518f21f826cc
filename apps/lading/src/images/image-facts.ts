// SPDX-License-Identifier: Apache-2.0
import type { ContainerInfo, Engine, ImageInfo } from '@lading/engine';
import type { ImageFacts } from '../output/image-filter.ts';

/** Looked up only as far as filters and images ask for it. */
export async function imageFacts(
  engine: Engine,
  images: readonly ImageInfo[],
  filters: readonly string[],
  { countContainers }: { readonly countContainers: boolean },
): Promise<ImageFacts> {
  const asks = (key: string): boolean => filters.some((filter) => filter.startsWith(`${key}=`));
  const isCounted = countContainers || asks('containers');
  const containers = isCounted ? await engine.containers.list({ all: true }) : [];
  const records = asks('readonly') ? await engine.store.images.list() : [];
  return {
    containers: countByImage(containers),
    readOnly: new Set(records.filter(({ readOnly }) => readOnly === true).map(({ id }) => id)),
    intermediate: images.some(({ names }) => names.length === 0)
      ? await intermediateImages(engine, images)
      : new Set(),
  };
}

function countByImage(containers: readonly Pick<ContainerInfo, 'imageId'>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { imageId } of containers) counts.set(imageId, (counts.get(imageId) ?? 0) + 1);
  return counts;
}

async function intermediateImages(
  { store }: Engine,
  images: readonly ImageInfo[],
): Promise<ReadonlySet<string>> {
  const [records, layers] = await Promise.all([store.images.list(), store.layers.list()]);
  const below = new Map(layers.map(({ id, parent }) => [id, parent]));
  const parents = new Set<string>();
  for (const { topLayer } of records) {
    for (let id = below.get(topLayer ?? ''); id !== undefined && !parents.has(id); id = below.get(id)) {
      parents.add(id);
    }
  }
  const nameless = new Set(images.filter(({ names }) => names.length === 0).map(({ id }) => id));
  const found = records.filter(({ id, topLayer }) => nameless.has(id) && parents.has(topLayer ?? ''));
  return new Set(found.map(({ id }) => id));
}
