// SPDX-License-Identifier: Apache-2.0
import { dirname } from 'node:path';
import type { StoreContext } from '../context.ts';
import { imageFolder } from '../image-folder.ts';
import { layerFolder, originalOf } from '../layer-folder.ts';
import { isLayerMounted } from '../mounts.ts';
import type { BaseRecord, ImageRecord, LayerRecord } from '../records.ts';
import { checkSignal } from '../turn.ts';
import { checkContent } from './check-content.ts';
import { checkData, checkLayerData } from './check-data.ts';
import { checkLayerFolder } from './check-folders.ts';
import { checkLeftovers } from './check-leftovers.ts';
import { mountFailure } from './check-mountable.ts';
import { checkMounts, checkRecords } from './check-records.ts';
import { type Fault, type FaultKind, newFault, shown } from './fault.ts';
import { chainOf } from './layer-files.ts';
import { type Survey, surveying } from './survey.ts';
import type { CheckOptions } from './types.ts';

const dayMs = 24 * 3600 * 1000;

/**
 * Looks for faults. Records and folders are looked at under the locks, which takes moments; contents are read without
 * any, and a fault of something that was changed or removed meanwhile is not told.
 */
export async function* checkStore(context: StoreContext, options: CheckOptions): AsyncGenerator<Fault> {
  const { level = 'full', unreferencedAgeMs = dayMs, onProgress, signal } = options;
  checkSignal(signal);
  const seen = await surveying(context, signal, async (survey) => ({
    survey,
    quick: [...checkRecords(survey), ...checkMounts(survey), ...(await checkLeftovers(survey))],
    folders: new Map(
      [...survey.layers.values()].map((layer) => [layer.id, [...checkLayerFolder(survey, layer)]]),
    ),
  }));
  const { survey } = seen;
  yield* seen.quick;
  for (const id of survey.incomplete) {
    yield newFault('layer-incomplete', { id, path: layerFolder(survey.paths, id) });
  }

  const { paths, layers, everyLayer, images, others, containers } = survey;
  const damaged = new Set<string>();
  const total = layers.size + images.size + containers.size;
  let current = 0;
  const progress = (state: 'layer' | 'image' | 'container', id: string): void => {
    checkSignal(signal);
    onProgress?.({ kind: 'check', state, id, current, total });
    current += 1;
  };

  for (const layer of parentsFirst(survey)) {
    const { id } = layer;
    progress('layer', id);
    const own = seen.folders.get(id) ?? [];
    const content: Fault[] = [...checkParent(survey, layer), ...checkLayerData(paths, layer)];
    const hasContent = !own.some(({ kind }) => kind === 'layer-content-missing');
    // Where the chain is broken the kernel has nothing to mount; that is told already.
    if (hasContent && isSound(survey, layer, seen.folders)) {
      const isMounted = isLayerMounted(paths, id, survey.mounted);
      const failure = isMounted ? undefined : mountFailure(paths, id);
      // What is wrong may be in a store that is only read.
      const isOwn = chainOf(layers, id) !== undefined;
      const remedy = isOwn ? undefined : 'none';
      if (failure !== undefined) content.push(newFault('layer-mount', { id }, shown(failure), remedy));
    }
    if (hasContent && level !== 'quick') {
      const original = everyLayer.get(originalOf(paths, layer) ?? '');
      const { overlayXattrs, ignoreChownErrors: ignoresOwners } = context;
      const how = { comparesTree: level === 'full', original, overlayXattrs, ignoresOwners, signal };
      for await (const fault of checkContent(paths, layer, how)) content.push(fault);
    }
    const faults = [...own, ...content];
    if (faults.length === 0 || (content.length > 0 && !(await isAsSeen(context, signal, layer)))) continue;
    if (faults.some(({ remedy }) => remedy === 'remove')) damaged.add(id);
    yield* faults;
  }

  const referenced = new Set<string>();
  for (const image of images.values()) {
    progress('image', image.id);
    const faults = [
      ...checkData('image', dirname(imageFolder(paths, image.id)), image),
      ...checkImageLayers(survey, image, damaged, referenced),
    ];
    if (
      faults.length > 0 &&
      !(await surveying(context, signal, (now) => isSame(now.images.get(image.id), image)))
    ) {
      continue;
    }
    if (faults.some(({ remedy }) => remedy === 'remove')) damaged.add(image.id);
    yield* faults;
  }
  for (const container of containers.values()) {
    const { id, imageId, layer } = container;
    progress('container', id);
    const faults = [...checkData('container', paths.containers, container)];
    for (const below of layersFrom(everyLayer, layer)) referenced.add(below.id);
    if (survey.knowsImages && imageId !== undefined && !images.has(imageId) && !others.images.has(imageId)) {
      faults.push(missing(survey, 'container-image-missing', id, `image ${shown(imageId)}`));
    }
    if (imageId !== undefined && damaged.has(imageId)) {
      faults.push(newFault('container-image-damaged', { id }, `image ${imageId}`));
    }
    if (survey.knowsLayers && !layers.has(layer)) {
      faults.push(newFault('container-layer-missing', { id }, `layer ${shown(layer)}`));
    }
    if (damaged.has(layer)) faults.push(newFault('container-layer-damaged', { id }, `layer ${layer}`));
    const isStill = async (): Promise<boolean> =>
      surveying(context, signal, (now) => isSame(now.containers.get(id), container));
    if (faults.length > 0 && (await isStill())) yield* faults;
  }
  if (!survey.knowsImages || !survey.knowsContainers) return;
  for (const layer of layers.values()) {
    if (!referenced.has(layer.id)) continue;
    // A copy with other owners needs its original, also when the image is gone.
    for (const below of layersFrom(everyLayer, originalOf(paths, layer) ?? '')) referenced.add(below.id);
  }
  for (const layer of layers.values()) {
    if (referenced.has(layer.id) || !isOld(layer, unreferencedAgeMs)) continue;
    if (await isAsSeen(context, signal, layer)) yield newFault('layer-unreferenced', { id: layer.id });
  }
}

function* checkParent(survey: Survey, { id, parent }: LayerRecord): Generator<Fault> {
  if (parent === undefined || survey.everyLayer.has(parent) || !survey.knowsLayers) return;
  yield missing(survey, 'layer-parent-missing', id, `parent ${shown(parent)}`);
}

/** What is missing may be in a store that is only read, when not all of these can be looked at. */
function missing({ others }: Survey, kind: FaultKind, id: string, what: string): Fault {
  if (others.unknown === undefined) return newFault(kind, { id }, what);
  return newFault(kind, { id }, `${what}; ${others.unknown}`, 'none');
}

function* checkImageLayers(
  survey: Survey,
  image: ImageRecord,
  damaged: ReadonlySet<string>,
  referenced: Set<string>,
): Generator<Fault> {
  const { id, topLayer, mappedLayers } = image;
  for (const top of new Set([topLayer, ...mappedLayers])) {
    if (top === undefined || top === '') continue;
    let next: string | undefined = top;
    for (const layer of layersFrom(survey.everyLayer, top)) {
      referenced.add(layer.id);
      if (damaged.has(layer.id)) yield newFault('image-layer-damaged', { id }, `layer ${layer.id}`);
      next = layer.parent;
    }
    if (next === undefined || survey.everyLayer.has(next) || !survey.knowsLayers) continue;
    yield missing(survey, 'image-layer-missing', id, `layer ${shown(next)}`);
  }
}

/** A layer and those below it, as far as they are known; none twice. */
function* layersFrom(layers: ReadonlyMap<string, LayerRecord>, top: string): Generator<LayerRecord> {
  const seen = new Set<LayerRecord>();
  for (let id: string | undefined = top; id !== undefined; ) {
    const layer = layers.get(id);
    if (layer === undefined || seen.has(layer)) return;
    seen.add(layer);
    yield layer;
    id = layer.parent;
  }
}

/** Whether a layer and all below it have their content and name each other right. */
function isSound(
  { everyLayer }: Survey,
  layer: LayerRecord,
  folders: ReadonlyMap<string, readonly Fault[]>,
): boolean {
  const chain = chainOf(everyLayer, layer.id);
  const breaks = new Set(['layer-content-missing', 'layer-lowers', 'layer-link', 'layer-folders']);
  return (
    chain !== undefined &&
    [layer.id, ...chain].every((id) => !folders.get(id)?.some(({ kind }) => breaks.has(kind)))
  );
}

function parentsFirst({ layers, everyLayer }: Survey): readonly LayerRecord[] {
  const depth = (id: string): number => chainOf(everyLayer, id)?.length ?? 0;
  const depths = new Map([...layers.keys()].map((id) => [id, depth(id)]));
  return [...layers.values()].toSorted((a, b) => (depths.get(a.id) ?? 0) - (depths.get(b.id) ?? 0));
}

function isAsSeen(
  context: StoreContext,
  signal: AbortSignal | undefined,
  layer: LayerRecord,
): Promise<boolean> {
  return surveying(context, signal, ({ layers }) => isSame(layers.get(layer.id), layer));
}

/** Names come and go without a change to what they name. */
function isSame<R extends BaseRecord>(now: R | undefined, then: R): boolean {
  const nameless = (record: R): string => JSON.stringify({ ...record, names: [], namesHistory: [] });
  return now !== undefined && nameless(now) === nameless(then);
}

function isOld({ created }: LayerRecord, ageMs: number): boolean {
  const madeMs = Date.parse(created);
  return Number.isNaN(madeMs) || madeMs <= 0 || madeMs + ageMs < Date.now();
}
