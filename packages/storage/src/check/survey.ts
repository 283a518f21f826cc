// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreContext } from '../context.ts';
import { holdLocks } from '../hold-lock.ts';
import { imageFolders } from '../image-folder.ts';
import { incomplete } from '../layer-ledger.ts';
import { mountedPaths } from '../mounted.ts';
import { type Mountpoint, mountpointFormat } from '../mountpoints.ts';
import { ifThere, type Paths } from '../paths.ts';
import { containerFormat, imageFormat, layerFormat } from '../record-json.ts';
import type { ContainerRecord, ImageRecord, LayerRecord } from '../records.ts';
import { type RecordFile, readRecordFile } from './record-file.ts';
import { type OtherRecords, surveyOthers } from './survey-others.ts';

/** All records of a store at one moment, read with forbearance, and which of its files could not be read in full. */
export interface Survey {
  readonly paths: Paths;
  readonly files: {
    readonly layers: RecordFile<LayerRecord>;
    /** Of the store of images, where it is apart; else one that is not there. */
    readonly imageLayers: RecordFile<LayerRecord>;
    readonly volatileLayers: RecordFile<LayerRecord>;
    readonly images: RecordFile<ImageRecord>;
    /** Of the graph root, where images are apart; else one that is not there. */
    readonly graphImages: RecordFile<ImageRecord>;
    readonly containers: RecordFile<ContainerRecord>;
    readonly volatileContainers: RecordFile<ContainerRecord>;
    readonly mountpoints: RecordFile<Mountpoint>;
  };
  /** Complete layers, by id. */
  readonly layers: ReadonlyMap<string, LayerRecord>;
  /** Ids of layers that were being made or removed when their writer died. */
  readonly incomplete: ReadonlySet<string>;
  readonly images: ReadonlyMap<string, ImageRecord>;
  readonly others: OtherRecords;
  /** All that a layer can be on top of: layers of this store, and of those that are only read. */
  readonly everyLayer: ReadonlyMap<string, LayerRecord>;
  readonly containers: ReadonlyMap<string, ContainerRecord>;
  readonly mountpoints: ReadonlyMap<string, Mountpoint>;
  readonly mounted: ReadonlySet<string>;
  /** Whether all layers are known. Else a folder without a record may be one of the lost ones. */
  readonly knowsLayers: boolean;
  readonly knowsImages: boolean;
  readonly knowsContainers: boolean;
}

export const hexId: RegExp = /^[0-9a-f]{64}$/;

/** Looks at the records while nobody can change them. The work may look at the folders, and must be quick. */
export function surveying<T>(
  context: StoreContext,
  signal: AbortSignal | undefined,
  work: (survey: Survey) => T | Promise<T>,
): Promise<T> {
  return holdingAll(context.paths, 'shared', signal, async () => work(survey(context.paths)));
}

/** Holds the locks of layers, mounts, images and containers, in the order that all tools keep. */
export function holdingAll<T>(
  paths: Paths,
  mode: 'shared' | 'exclusive',
  signal: AbortSignal | undefined,
  work: (stamp: () => void) => Promise<T>,
): Promise<T> {
  const lockPaths = [
    join(paths.layers, 'layers.lock'),
    ...(paths.imageStore === undefined ? [] : [join(paths.imageStore.layers, 'layers.lock')]),
    join(paths.runLayers, 'mountpoints.lock'),
    ...imageFolders(paths).map((folder) => join(folder, 'images.lock')),
    join(paths.volatileContainers, 'containers.lock'),
  ];
  return holdLocks(lockPaths, { mode, signal }, (lock) => work(() => lock.stamp()));
}

export function survey(paths: Paths): Survey {
  const { imageStore } = paths;
  const files = {
    layers: readRecordFile(join(paths.layers, 'layers.json'), layerFormat),
    imageLayers: readRecordFile(imageStore && join(imageStore.layers, 'layers.json'), layerFormat),
    volatileLayers: readRecordFile(join(paths.volatileLayers, 'volatile-layers.json'), layerFormat),
    images: readRecordFile(join(paths.images, 'images.json'), imageFormat),
    graphImages: readRecordFile(imageStore && join(imageStore.graphImages, 'images.json'), imageFormat),
    containers: readRecordFile(join(paths.containers, 'containers.json'), containerFormat),
    volatileContainers: readRecordFile(
      join(paths.volatileContainers, 'volatile-containers.json'),
      containerFormat,
    ),
    mountpoints: readRecordFile(join(paths.runLayers, 'mountpoints.json'), mountpointFormat),
  };
  const layers = [files.layers, files.imageLayers, files.volatileLayers].flatMap(({ records }) => records);
  const isHalf = ({ flags }: LayerRecord): boolean => flags[incomplete] === true;
  const complete = byId(layers.filter((layer) => !isHalf(layer)));
  const others = surveyOthers(paths);
  return {
    paths,
    files,
    layers: complete,
    others,
    everyLayer: new Map([...others.layers, ...complete]),
    incomplete: new Set(layers.filter(isHalf).map(({ id }) => id)),
    images: byId([...files.images.records, ...files.graphImages.records]),
    containers: byId([...files.containers.records, ...files.volatileContainers.records]),
    mountpoints: byId(files.mountpoints.records),
    mounted: mountedPaths(),
    knowsLayers:
      isWhole(files.layers, () => idsIn(paths.overlay)) &&
      isWhole(files.imageLayers, () => (imageStore ? idsIn(imageStore.home.overlay) : [])) &&
      files.volatileLayers.state !== 'broken',
    knowsImages:
      isWhole(files.images, () => idsIn(paths.images)) &&
      isWhole(files.graphImages, () => (imageStore ? idsIn(imageStore.graphImages) : [])),
    knowsContainers:
      // In a transient store nothing need be left of them.
      ((paths.volatileContainers === paths.runContainers && files.containers.state === 'missing') ||
        isWhole(files.containers, () => idsIn(paths.containers))) &&
      files.volatileContainers.state !== 'broken',
  };
}

/** Every tool writes at least an empty list: a file that is empty, or gone while there is data, has lost its records. */
function isWhole(file: RecordFile<unknown>, data: () => readonly string[]): boolean {
  return file.state === 'read' || (file.state !== 'broken' && data().length === 0);
}

/** Names in a folder that are ids. */
export function idsIn(folder: string): readonly string[] {
  return namesIn(folder).filter((name) => hexId.test(name));
}

export function namesIn(folder: string): readonly string[] {
  return ifThere(() => readdirSync(folder)) ?? [];
}

function byId<R extends { readonly id: string }>(records: readonly R[]): ReadonlyMap<string, R> {
  return new Map(records.toReversed().map((record) => [record.id, record]));
}
