// SPDX-License-Identifier: Apache-2.0
import type { Engine, ImageInfo } from '@lading/engine';
import type { ImageFacts } from '../output/image-filter.ts';

/** Looked up only as far as filters and images ask for it. */
export async function imageFacts(
  engine: Engine,
  images: readonly ImageInfo[],
  filters: readonly string[],
): Promise<ImageFacts> {
  const asks = (key: string): boolean => filters.some((filter) => filter.startsWith(`${key}=`));
  const users = asks('containers') ? await engine.containers.list({ all: true }) : [];
  const records = asks('readonly') ? await engine.store.images.list() : [];
  return {
    used: new Set(users.map(({ imageId }) => imageId)),
    readOnly: new Set(records.filter(({ readOnly }) => readOnly === true).map(({ id }) => id)),
    intermediate: images.some(({ names }) => names.length === 0)
      ? await intermediateImages(engine, images)
      : new Set(),
  };
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
