// SPDX-License-Identifier: Apache-2.0
import type { Change } from '@lading/layer';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { hasMaps } from './id-maps.ts';
import { changesOf, packLayer } from './layer-changes.ts';
import { originalOf } from './layer-folder.ts';
import { findLayer } from './read-only-stores.ts';
import type { ContainerRecord, LayerRecord } from './records.ts';
import { stageLayer } from './stage-layer.ts';
import type { CommitContainerOptions } from './types.ts';

/** The archive of a container's own layer, with the owners that the container sees. */
export async function* packContainer(
  context: StoreContext,
  container: ContainerRecord,
  options: CommitContainerOptions,
): AsyncGenerator<Uint8Array> {
  const { uidMap, gidMap } = container;
  const { mtime, signal } = options;
  const layer = await layerOf(context, container, signal);
  const maps = hasMaps(layer) ? undefined : container;
  yield* packLayer(context, layer.id, { mtime, signal, uidMap, gidMap }, maps);
}

/** What a container changed of its image. */
export async function* containerChanges(
  context: StoreContext,
  container: ContainerRecord,
  signal: AbortSignal | undefined,
): AsyncGenerator<Change> {
  const layer = await layerOf(context, container, signal);
  yield* changesOf(context, layer.id, hasMaps(layer) ? undefined : container, signal);
}

async function layerOf(
  context: StoreContext,
  { layer }: ContainerRecord,
  signal: AbortSignal | undefined,
): Promise<LayerRecord> {
  return known((await context.layers.read(signal)).get(layer), layer, 'layer');
}

/** Unpacks that archive as any other: so the new layer has the files, and the means to rebuild it byte for byte. */
export async function commitContainer(
  context: StoreContext,
  container: ContainerRecord,
  options: CommitContainerOptions,
): Promise<LayerRecord> {
  const { signal } = options;
  const { parent } = await layerOf(context, container, signal);
  const below = parent === undefined ? undefined : await findLayer(context, parent, signal);
  // The new layer has the owners of the image, so that it is on top of what has them too.
  const original = below && originalOf(context.paths, below);
  const staging = signal === undefined ? {} : { signal };
  await using staged = await stageLayer(context, packContainer(context, container, options), staging);
  return await staged.commit(original ?? parent, staging);
}
