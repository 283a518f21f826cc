// SPDX-License-Identifier: Apache-2.0
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { packLayer } from './layer-changes.ts';
import type { ContainerRecord, LayerRecord } from './records.ts';
import { stageLayer } from './stage-layer.ts';
import type { CommitContainerOptions } from './types.ts';

/** The archive of a container's own layer, with the owners that the container sees. */
export async function* packContainer(
  context: StoreContext,
  { layer, uidMap, gidMap }: ContainerRecord,
  options: CommitContainerOptions,
): AsyncGenerator<Uint8Array> {
  const { mtime, signal } = options;
  known((await context.layers.read(signal)).get(layer), layer, 'layer');
  yield* packLayer(context.paths, layer, { mtime, signal, uidMap, gidMap });
}

/** Unpacks that archive as any other: so the new layer has the files, and the means to rebuild it byte for byte. */
export async function commitContainer(
  context: StoreContext,
  container: ContainerRecord,
  options: CommitContainerOptions,
): Promise<LayerRecord> {
  const { signal } = options;
  const { parent } = known(
    (await context.layers.read(signal)).get(container.layer),
    container.layer,
    'layer',
  );
  const staging = signal === undefined ? {} : { signal };
  await using staged = await stageLayer(context, packContainer(context, container, options), staging);
  return await staged.commit(parent, staging);
}
