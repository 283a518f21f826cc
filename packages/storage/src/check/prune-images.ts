// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import type { ImageRecord } from '../records.ts';
import type { Store } from '../types.ts';
import { isBuiltOn, originOf } from './image-lineage.ts';
import type { Pruned, PruneOptions } from './types.ts';

type Parts = Pick<Store, 'layers' | 'images' | 'containers'>;
type Origin = NonNullable<ReturnType<typeof originOf>>;

/**
 * Deletes images as `podman image prune` does: those without a name on which no other image was built, or with `all`
 * every image of which there is no container. What loses its last child in doing so goes as well.
 */
export async function pruneImages(store: Parts, options: PruneOptions): Promise<Pruned> {
  const { all = false, createdBefore, filter, goesAlong = () => false, signal } = options;
  const call = signal === undefined ? {} : { signal };
  const images: ImageRecord[] = [];
  const layers: string[] = [];
  let freedBytes = 0;
  const refused = new Set<string>();
  for (let isMore = true; isMore; ) {
    isMore = false;
    const known = await store.images.list(call);
    const containers = await store.containers.list(call);
    const used = new Set(containers.filter((one) => !goesAlong(one)).map(({ imageId }) => imageId));
    const inLists = await digestsInLists(store, known);
    const origins = all ? new Map<string, Origin>() : await originsOf(store, known);
    const sizes = new Map(
      (await store.layers.list(call)).map(({ id, diffSize }) => [id, Math.max(diffSize ?? 0, 0)]),
    );
    for (const image of known) {
      if (image.readOnly === true || used.has(image.id) || refused.has(image.id)) continue;
      const isDangling =
        image.names.length === 0 && !inLists.has(image.digest ?? '') && !hasChildren(image, origins);
      if (!all && !isDangling) continue;
      if (createdBefore !== undefined && Date.parse(image.created) >= createdBefore.getTime()) continue;
      if (filter !== undefined && !(await filter(image))) continue;
      try {
        for (const { id, imageId } of containers)
          if (imageId === image.id) await store.containers.delete(id, call);
        const gone = await store.images.delete(image.id, call);
        images.push(image);
        layers.push(...gone);
        const data = Object.values(image.bigDataSizes).reduce((sum, size) => sum + size, 0);
        freedBytes += gone.reduce((sum, id) => sum + (sizes.get(id) ?? 0), data);
        origins.delete(image.id);
        isMore = true;
      } catch (error) {
        // Somebody began to use it, or was faster.
        if (!hasCode(error, Code.FailedPrecondition) && !hasCode(error, Code.NotFound)) throw error;
        refused.add(image.id);
      }
    }
  }
  return { images, layers, freedBytes };
}

async function originsOf(store: Parts, images: readonly ImageRecord[]): Promise<Map<string, Origin>> {
  const origins = new Map<string, Origin>();
  for (const { id } of images) {
    const config = await unlessGone(store.images.bigData(id, `sha256:${id}`));
    const origin = config && originOf(config);
    if (origin !== undefined) origins.set(id, origin);
  }
  return origins;
}

function hasChildren(image: ImageRecord, origins: ReadonlyMap<string, Origin>): boolean {
  const own = origins.get(image.id);
  return own !== undefined && [...origins].some(([id, other]) => id !== image.id && isBuiltOn(other, own));
}

/** Digests of images that are named by a list of manifests, which has no layers. */
async function digestsInLists(store: Parts, images: readonly ImageRecord[]): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (const { id, topLayer } of images) {
    if (topLayer !== undefined) continue;
    const text = await unlessGone(store.images.bigData(id, 'manifest'));
    for (const [digest] of Buffer.from(text ?? '')
      .toString()
      .matchAll(/sha256:[0-9a-f]{64}/g))
      digests.add(digest);
  }
  return digests;
}

async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasCode(error, Code.NotFound) || hasCode(error, Code.DataLoss)) return undefined;
    throw error;
  }
}
