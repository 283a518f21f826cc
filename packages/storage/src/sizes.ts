// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { StoreContext } from './context.ts';
import { type DiskUsage, diskUsage } from './disk-usage.ts';
import { known } from './find-record.ts';
import { homeOf, layerFolder, originalOf } from './layer-folder.ts';
import { everyImage, everyLayer } from './read-only-stores.ts';
import type { ContainerRecord, ImageRecord, LayerRecord } from './records.ts';
import type { ContainerSize, ImageUsage } from './types.ts';

export async function containerSize(
  context: StoreContext,
  container: ContainerRecord,
  signal: AbortSignal | undefined,
): Promise<ContainerSize> {
  const layers = await layersById(context, signal);
  const own = known(layers.get(container.layer), container.layer, 'layer');
  const measured = (id: string): Promise<DiskUsage> =>
    diskUsage(join(layerFolder(homeOf(context.paths, id), id), 'diff'), signal);
  const usage = await measured(own.id);
  let rootfsBytes = 0;
  // A copy of the image with other owners has its files twice.
  const below = layers.get(own.parent ?? '');
  const top = (below && originalOf(context.paths, below)) ?? own.parent;
  for (const layer of layersFrom(layers, top)) rootfsBytes += (await measured(layer.id)).bytes;
  return { writableBytes: usage.bytes, writableInodes: usage.inodes, rootfsBytes };
}

export async function imageSize(
  context: StoreContext,
  image: ImageRecord,
  signal: AbortSignal | undefined,
): Promise<number> {
  const layers = await layersById(context, signal);
  let sum = dataSize(image);
  for (const layer of layersOf(layers, image)) sum += await layerSize(context, layer, signal);
  return sum;
}

export async function imageUsage(
  context: StoreContext,
  signal: AbortSignal | undefined,
): Promise<readonly ImageUsage[]> {
  const layers = await layersById(context, signal);
  const images = await everyImage(context, await context.images.read(signal), signal);
  const users = new Map<LayerRecord, number>();
  for (const image of images) {
    for (const layer of layersOf(layers, image)) users.set(layer, (users.get(layer) ?? 0) + 1);
  }
  const sizes = new Map<LayerRecord, number>();
  for (const layer of users.keys()) sizes.set(layer, await layerSize(context, layer, signal));
  return images.map((image) => {
    let [sharedBytes, uniqueBytes] = [0, dataSize(image)];
    for (const layer of layersOf(layers, image)) {
      const size = sizes.get(layer) ?? 0;
      if ((users.get(layer) ?? 0) > 1) sharedBytes += size;
      else uniqueBytes += size;
    }
    return { id: image.id, sizeBytes: sharedBytes + uniqueBytes, sharedBytes, uniqueBytes };
  });
}

/** A layer and those below it; mapped copies are counted as other tools count them, each for itself. */
function* layersFrom(layers: LayersById, top: string | undefined): Generator<LayerRecord> {
  // A damaged list can have layers on top of each other.
  const seen = new Set<string>();
  for (let id = top; id !== undefined && !seen.has(id); ) {
    const layer = layers.get(id);
    if (layer === undefined) return;
    yield layer;
    seen.add(id);
    id = layer.parent;
  }
}

function layersOf(layers: LayersById, image: ImageRecord): ReadonlySet<LayerRecord> {
  return new Set([image.topLayer, ...image.mappedLayers].flatMap((top) => [...layersFrom(layers, top)]));
}

type LayersById = ReadonlyMap<string, LayerRecord>;

async function layersById(context: StoreContext, signal: AbortSignal | undefined): Promise<LayersById> {
  const all = await everyLayer(context, await context.layers.read(signal), signal);
  return new Map(all.map((layer) => [layer.id, layer]));
}

function dataSize(image: ImageRecord): number {
  return image.bigDataNames.reduce((sum, key) => sum + (image.bigDataSizes[key] ?? 0), 0);
}

async function layerSize(
  { paths }: StoreContext,
  layer: LayerRecord,
  signal: AbortSignal | undefined,
): Promise<number> {
  // -1 where only a table of contents came.
  if (layer.diffSize !== undefined && layer.diffSize >= 0) return layer.diffSize;
  return (await diskUsage(join(layerFolder(homeOf(paths, layer.id), layer.id), 'diff'), signal)).bytes;
}
