// SPDX-License-Identifier: Apache-2.0
import { dirname } from 'node:path';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { hasMaps, type IdMaps } from './id-maps.ts';
import { imageFolder } from './image-folder.ts';
import { imageHome } from './paths.ts';
import { findLayer, requestedImage } from './read-only-stores.ts';
import type { ImageRecord, LayerRecord } from './records.ts';
import { type StagedCopy, stageCopy } from './stage-copy.ts';
import type { NewContainer } from './types.ts';

/** What the layer of a container with mapped ids is made of, whose files have the container's owners on the disk. */
export interface MappedBase {
  /** A layer that has these owners, to be on top of. */
  readonly parent: string | undefined;
  /** Else the files with these owners. */
  readonly copy: StagedCopy | undefined;
  /** The image of this store that keeps the copy for others. Else it is the container's own. */
  readonly image: string | undefined;
}

/**
 * Finds the copy of an image that has the owners of a container, or makes one. Undefined where the kernel shows the image
 * with these owners. The caller holds the lock of those who choose maps, so that a copy is made once.
 */
export async function findMappedBase(
  context: StoreContext,
  request: NewContainer,
  maps: IdMaps,
  signal: AbortSignal | undefined,
): Promise<MappedBase | undefined> {
  const { layer } = request;
  const found = await requestedImage(context, request, signal);
  const candidates: LayerRecord[] = [];
  for (const id of layer === undefined ? topLayersOf(found?.image) : [layer]) {
    const candidate = await findLayer(context, id, signal);
    if (candidate !== undefined) candidates.push(candidate);
  }
  const [first] = candidates;
  const wanted = layer ?? found?.image.topLayer;
  if (wanted !== undefined) known(first, wanted, 'layer');
  const isPlain = first === undefined || !hasMaps(first);
  if (isPlain && (await context.mapsLowers())) return undefined;
  const match = candidates.find((candidate) => areSame(candidate, maps));
  if (first === undefined || match !== undefined) {
    return { parent: match?.id, copy: undefined, image: undefined };
  }
  const isOwn = found !== undefined && found.home === context.paths && first.readOnly !== true;
  const image = isOwn && layer === undefined ? found.image.id : undefined;
  // With the image: who knows nothing of a store of images apart has to find the copies of what it knows.
  const { paths } = context;
  const isApart = image !== undefined && dirname(imageFolder(paths, image)) === paths.images;
  const home = isApart ? imageHome(paths) : paths;
  return { parent: undefined, copy: await stageCopy(context, first, { maps, home }, signal), image };
}

function topLayersOf(image: ImageRecord | undefined): readonly string[] {
  return [...(image?.topLayer === undefined ? [] : [image.topLayer]), ...(image?.mappedLayers ?? [])];
}

function areSame(one: IdMaps, other: IdMaps): boolean {
  const text = ({ uidMap, gidMap }: IdMaps): string =>
    JSON.stringify(
      [uidMap, gidMap].map((map) => map.map((range) => [range.containerId, range.hostId, range.size])),
    );
  return text(one) === text(other);
}
