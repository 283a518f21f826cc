// SPDX-License-Identifier: Apache-2.0
import type { Change, LayerSource } from '@lading/layer';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { hasMaps } from './id-maps.ts';
import { changesOf, isReferringBelow, type PackLayerOptions, packLayer } from './layer-changes.ts';
import { originalOf } from './layer-folder.ts';
import { findLayer } from './read-only-stores.ts';
import type { ContainerRecord, LayerRecord } from './records.ts';
import { relaySource } from './relay-source.ts';
import { stageLayer } from './stage-layer.ts';
import type { CommitContainerOptions, StagedLayer } from './types.ts';

/** The archive of a container's own layer, with the owners that the container sees. */
export function packContainer(
  context: StoreContext,
  container: ContainerRecord,
  { mtime, signal, isAtOnce }: CommitContainerOptions & Pick<PackLayerOptions, 'isAtOnce'>,
): LayerSource {
  const { uidMap, gidMap } = container;
  return relaySource(async function* (relay) {
    const layer = await layerOf(context, container, signal);
    const maps = hasMaps(layer) ? undefined : container;
    yield* relay(packLayer(context, layer.id, { mtime, signal, uidMap, gidMap, maps, isAtOnce }));
  });
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
  const stage = (isAtOnce: boolean): Promise<StagedLayer> =>
    stageLayer(context, packContainer(context, container, { ...options, isAtOnce }), { signal });
  // Nearly no layer refers to those below, and to look for it first takes as long as a tenth of the whole.
  await using staged = await stage(true).catch((error: unknown) => {
    if (isReferringBelow(error)) return stage(false);
    throw error;
  });
  return await staged.commit(original ?? parent, { signal });
}
