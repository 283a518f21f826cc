// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileOf } from './big-data.ts';
import { bigDataFileName } from './big-data-name.ts';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { imageFolder } from './image-folder.ts';
import type { OpenLedger, Records } from './ledger.ts';
import type { Paths } from './paths.ts';
import type { ImageRecord, LayerRecord } from './records.ts';
import type { NewContainer } from './types.ts';

type Signal = AbortSignal | undefined;

export interface LocatedImage {
  readonly image: ImageRecord;
  /** The store that has it. */
  readonly home: Paths;
}

/** A layer of this store, or of the first of the others that has it. */
export async function findLayer(
  context: StoreContext,
  id: string,
  signal: Signal,
): Promise<LayerRecord | undefined> {
  return (await context.layers.read(signal)).get(id) ?? (await findReadOnlyLayer(context, id, signal));
}

/** The image that a container is to be made of, if it is one. @throws LadingError `not_found` */
export async function requestedImage(
  context: StoreContext,
  { imageId }: Pick<NewContainer, 'imageId'>,
  signal: Signal,
): Promise<LocatedImage | undefined> {
  if (imageId === undefined || imageId === '') return undefined;
  return known(await findImage(context, imageId, signal), imageId, 'image');
}

/** The same as {@link findImage} without this store, whose lock the caller may hold. */
export async function findReadOnlyLayer(
  context: StoreContext,
  id: string,
  signal: Signal,
): Promise<LayerRecord | undefined> {
  for (const other of context.readOnlyStores) {
    const found = (await other.layers.read(signal)).get(id);
    if (found !== undefined) return { ...found, readOnly: true };
  }
  return undefined;
}

/** An image by its id. The caller may hold the lock of this store's images for writing only if it is not in there. */
export async function findImage(
  context: StoreContext,
  id: string,
  signal: Signal,
): Promise<LocatedImage | undefined> {
  const own = (await context.images.read(signal)).get(id);
  if (own !== undefined) return { image: own, home: context.paths };
  return findReadOnlyImage(context, id, signal);
}

/** The same without this store, whose lock the caller may hold. */
export async function findReadOnlyImage(
  context: StoreContext,
  id: string,
  signal: Signal,
): Promise<LocatedImage | undefined> {
  for (const other of context.readOnlyStores) {
    const found = (await other.images.read(signal)).get(id);
    if (found !== undefined) return { image: { ...found, readOnly: true }, home: other.paths };
  }
  return undefined;
}

/** Layers of all stores; of two with one id the first. */
export async function everyLayer(
  context: StoreContext,
  own: Records<LayerRecord>,
  signal: Signal,
): Promise<readonly LayerRecord[]> {
  return joined(own.all, await Promise.all(context.readOnlyStores.map(({ layers }) => layers.read(signal))));
}

/** Images of all stores; of two with one id the first. */
export async function everyImage(
  context: StoreContext,
  own: Records<ImageRecord>,
  signal: Signal,
): Promise<readonly ImageRecord[]> {
  return joined(own.all, await Promise.all(context.readOnlyStores.map(({ images }) => images.read(signal))));
}

/** Copies an image of another store into this one: record and data, not layers. The caller holds the lock of the images. */
export async function copyImage(
  context: StoreContext,
  open: OpenLedger<ImageRecord>,
  id: string,
  signal: Signal,
): Promise<void> {
  const { image, home } = known(await findReadOnlyImage(context, id, signal), id, 'image');
  for (const key of image.bigDataNames) {
    const bytes = readFileSync(join(home.images, id, bigDataFileName(key)));
    await writeFileOf(imageFolder(context.paths, id), key, bytes);
  }
  const { readOnly: _mark, ...record } = image;
  await open.save([...open.all, record]);
}

function joined<R extends { readonly id: string }>(
  own: readonly R[],
  others: readonly Records<R>[],
): readonly R[] {
  if (others.length === 0) return own;
  const seen = new Set<string>();
  const marked = others.flatMap(({ all }) => all.map((record) => ({ ...record, readOnly: true })));
  return [...own, ...marked].filter(({ id }) => !seen.has(id) && seen.add(id));
}
