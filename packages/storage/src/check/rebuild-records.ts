// SPDX-License-Identifier: Apache-2.0
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../atomic-file.ts';
import { imageFolder, imageFolders } from '../image-folder.ts';
import { driverHome } from '../layer-folder.ts';
import { mountpointFormat } from '../mountpoints.ts';
import { driverHomes } from '../paths.ts';
import { containerFormat, imageFormat, layerFormat, type RecordFormat } from '../record-json.ts';
import type { ContainerRecord, ImageRecord, LayerRecord } from '../records.ts';
import { rebuiltContainer, storedLayerOf } from './rebuild-containers.ts';
import { rebuiltLayer } from './rebuild-layers.ts';
import type { RecordFile } from './record-file.ts';
import { storedBlobs, storedImage } from './stored-images.ts';
import { idsIn, type Survey } from './survey.ts';

/** What came of it, in sentences. */
export interface Rebuilt {
  readonly mended: string[];
  readonly lost: string[];
}

type ById<R> = Map<string, R>;

/**
 * Writes files of records anew whose content is broken or lost: what can be read of them, and for the rest what the
 * folders of the store say. The broken file is kept beside under another name. The caller holds all locks exclusively.
 */
export async function rebuildRecords(survey: Survey, signal: AbortSignal | undefined): Promise<Rebuilt> {
  const { files } = survey;
  const result: Rebuilt = { mended: [], lost: [] };
  const layers = await allLayers(survey, result, signal);
  const images = allImages(survey, layers, result);
  const containers = allContainers(survey, layers, images, result);
  const inFile = <R extends { readonly id: string }>(all: ById<R>, other: RecordFile<R>): readonly R[] => {
    const elsewhere = new Set(kept(other).map(({ id }) => id));
    return [...all.values()].filter(({ id }) => !elsewhere.has(id));
  };
  const { paths } = survey;
  const [ofImages, usual] = parted(inFile(layers, files.volatileLayers), ({ id }) => {
    return driverHome(paths, id) !== paths;
  });
  await rewrite(files.layers, layerFormat, usual, result);
  await rewrite(files.imageLayers, layerFormat, ofImages, result);
  await rewrite(files.volatileLayers, layerFormat, kept(files.volatileLayers), result);
  const [ofGraph, ofStore] = parted(withoutTwice([...images.values()]), ({ id }) => {
    return dirname(imageFolder(paths, id)) !== paths.images;
  });
  await rewrite(files.images, imageFormat, ofStore, result);
  await rewrite(files.graphImages, imageFormat, ofGraph, result);
  await rewrite(files.containers, containerFormat, inFile(containers, files.volatileContainers), result);
  await rewrite(files.volatileContainers, containerFormat, kept(files.volatileContainers), result);
  await rewrite(files.mountpoints, mountpointFormat, kept(files.mountpoints), result);
  return result;
}

/** Layers of which there are records, and those that have lost theirs: all of them, or those that something needs. */
async function allLayers(
  survey: Survey,
  result: Rebuilt,
  signal: AbortSignal | undefined,
): Promise<ById<LayerRecord>> {
  const { paths, files } = survey;
  const found = new Map(
    [files.layers, files.imageLayers, files.volatileLayers].flatMap(kept).map((layer) => [layer.id, layer]),
  );
  const ofContainers = new Set([
    ...[...survey.containers.values()].map(({ layer }) => layer),
    ...idsIn(paths.containers).map((id) => storedLayerOf(paths, id)),
  ]);
  const needed = new Set([
    ...ofContainers,
    ...[...survey.images.values()].flatMap(({ topLayer, mappedLayers }) => [topLayer, ...mappedLayers]),
  ]);
  const blobs = storedBlobs(paths);
  const homes = driverHomes(paths).map(({ overlay }) => overlay);
  const todo = homes.flatMap(idsIn).filter((id) => !found.has(id));
  // A layer that was made anew names its parent, which may be needed then.
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const { parent } of found.values()) needed.add(parent);
    for (const id of todo) {
      if (found.has(id) || (survey.knowsLayers && !needed.has(id))) continue;
      const layer = await rebuiltLayer(paths, id, blobs, ofContainers.has(id), signal);
      if (layer === undefined) continue;
      found.set(id, layer);
      isMore = true;
    }
  }
  if (!survey.knowsLayers) {
    for (const id of todo) {
      if (!found.has(id)) result.lost.push(`layer ${id}: nothing in its folder says what it was`);
    }
  }
  return found;
}

function allImages(survey: Survey, layers: ById<LayerRecord>, result: Rebuilt): ById<ImageRecord> {
  const { paths, files, others } = survey;
  const found = new Map([files.images, files.graphImages].flatMap(kept).map((image) => [image.id, image]));
  if (survey.knowsImages) return found;
  const names = namesInContainers(survey.containers.values());
  // A layer of a store that cannot be looked at now is not lost.
  const isThere = (layer: string | undefined): boolean =>
    layer === undefined || layers.has(layer) || others.layers.has(layer) || others.unknown !== undefined;
  for (const id of imageFolders(paths).flatMap(idsIn)) {
    if (found.has(id)) continue;
    const record = storedImage(paths, id)?.record;
    if (record === undefined || !isThere(record.topLayer)) {
      const what = record === undefined ? 'its config or manifest' : 'its layers';
      result.lost.push(`image ${id}: ${what}; pull it again`);
      continue;
    }
    const own = names.get(id) ?? [];
    found.set(id, { ...record, names: own, namesHistory: own });
    if (own.length === 0) result.lost.push(`image ${id}: its names; give it new ones`);
  }
  return found;
}

function allContainers(
  survey: Survey,
  layers: ById<LayerRecord>,
  images: ById<ImageRecord>,
  result: Rebuilt,
): ById<ContainerRecord> {
  const { paths, files } = survey;
  const all = [...kept(files.containers), ...kept(files.volatileContainers)];
  const found = new Map(all.map((container) => [container.id, container]));
  if (survey.knowsContainers) return found;
  const everyImage = [...images.values(), ...survey.others.images.values()];
  for (const id of idsIn(paths.containers)) {
    if (found.has(id)) continue;
    const record = rebuiltContainer(paths, id, layers, everyImage);
    if (record !== undefined) found.set(id, record);
    else result.lost.push(`container ${id}: nothing in its folder says which layer it has`);
  }
  return found;
}

/** Names of images, as podman and CRI-O note them with the containers that they made from these. */
function namesInContainers(containers: Iterable<ContainerRecord>): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const { imageId, metadata } of containers) {
    const name = /"image-name":"([^"\\]+:[^"\\/]+)"/.exec(metadata ?? '')?.[1];
    if (imageId !== undefined && name !== undefined) names.set(imageId, [name]);
  }
  return names;
}

/** Records of a file, and the sound parts of the others; the first of two with one id. */
function kept<R extends { readonly id: string }>(file: RecordFile<R>): readonly R[] {
  const ids = new Set(file.records.map(({ id }) => id));
  return [...file.records, ...file.salvaged.filter(({ id }) => !ids.has(id))];
}

/** A name stays with the first record that has it, which is where every tool finds it. */
function withoutTwice<R extends { readonly names: readonly string[] }>(records: readonly R[]): readonly R[] {
  const taken = new Set<string>();
  return records.map((record) => {
    const names = record.names.filter((name) => !taken.has(name));
    for (const name of names) taken.add(name);
    return names.length === record.names.length ? record : { ...record, names };
  });
}

function parted<R>(
  records: readonly R[],
  isFirst: (record: R) => boolean,
): readonly [readonly R[], readonly R[]] {
  return [records.filter(isFirst), records.filter((record) => !isFirst(record))];
}

async function rewrite<R extends { readonly id: string }>(
  file: RecordFile<R>,
  format: RecordFormat<R>,
  records: readonly R[],
  result: Rebuilt,
): Promise<void> {
  const isSame =
    records.length === file.records.length && records.every((one, at) => one === file.records[at]);
  if (isSame && file.faults.length === 0 && file.state !== 'empty') return;
  if (records.length === 0 && file.state === 'missing') return;
  let copy = '';
  if (file.state !== 'missing' && file.state !== 'empty') {
    const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const path = join(`${file.path}.broken-${stamp}`);
    copyFileSync(file.path, path);
    copy = `; as it was: ${path}`;
  }
  await replaceFile(file.path, `[${records.map((one) => JSON.stringify(format.encode(one))).join(',')}]`);
  result.mended.push(`${file.path}: written anew with ${records.length} records${copy}`);
}
