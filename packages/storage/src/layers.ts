// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { LayerSource } from '@lading/layer';
import { readData, writeFileOf } from './big-data.ts';
import { claimLayer } from './claim-layer.ts';
import type { StoreContext } from './context.ts';
import { diskUsage } from './disk-usage.ts';
import { withEdit } from './edit-record.ts';
import { known } from './find-record.ts';
import { checkId, layerId, shortId } from './ids.ts';
import { contentFolders, homeOf, layerFolder } from './layer-folder.ts';
import { incomplete, removeLayers } from './layer-ledger.ts';
import { mountedPaths } from './mounted.ts';
import { isLayerMounted } from './mounts.ts';
import { everyLayer, findLayer } from './read-only-stores.ts';
import { relaySource } from './relay-source.ts';
import { openTrash } from './trash.ts';
import type { Layers, StagedLayer, StageOptions } from './types.ts';
import { userOfLayer } from './users-of-layer.ts';

export function createLayers(context: StoreContext): Layers {
  const { paths, layers, images, containers } = context;

  async function stage(source: LayerSource, options: StageOptions): Promise<StagedLayer> {
    // Loaded here: a start of a container unpacks nothing, and should not wait for this.
    const { stageLayer } = await import('./stage-layer.ts');
    return stageLayer(context, source, options);
  }

  return {
    list: async ({ signal } = {}) => everyLayer(context, await layers.read(signal), signal),
    get: (id, { signal } = {}) => findLayer(context, id, signal),
    idFor: layerId,
    async add(source, { parent, ...options } = {}) {
      const { expectedDiffId, signal } = options;
      if (expectedDiffId === undefined) {
        await using staged = await stage(source, options);
        return await staged.commit(parent, options);
      }
      const id = layerId(parent, expectedDiffId);
      await using _claim = await claimLayer(paths, id, signal);
      const existing = await findLayer(context, id, signal);
      if (existing !== undefined) {
        await source[Symbol.asyncIterator]().return?.();
        return existing;
      }
      await using staged = await stage(source, options);
      return await staged.commit(parent, options);
    },
    claim: async (id, { signal } = {}) => claimLayer(paths, checkId(id, 'a layer'), signal),
    stage: (source, options = {}) => stage(source, options),
    open: (id, options = {}) =>
      relaySource(async function* (relay) {
        const { layerStream } = await import('./layer-stream.ts');
        const before = await findLayer(context, id, options.signal);
        try {
          yield* relay(await layerStream(context, id, options));
        } catch (error) {
          const now = await findLayer(context, id, undefined);
          // Nothing holds a layer that is read: what is missing of it then was no damage.
          if (before === undefined || now?.created === before.created) throw error;
          throw new LadingError(Code.NotFound, `layer ${shortId(id)} was removed while it was read`, {
            reason: 'LAYER_UNKNOWN',
            cause: error,
          });
        }
      }),
    async contentFolders({ signal } = {}) {
      if (!context.partialImages) return [];
      const all = await everyLayer(context, await layers.read(signal), signal);
      return all
        .filter(({ diffDigest }) => diffDigest !== undefined)
        .sort((a, b) => Date.parse(b.created) - Date.parse(a.created))
        .flatMap(({ id }) => contentFolders(paths, id));
    },
    async *changes(id, { signal } = {}) {
      known(await findLayer(context, id, signal), id, 'layer');
      const { changesOf } = await import('./layer-changes.ts');
      yield* changesOf(context, id, undefined, signal);
    },
    async usage(id, { signal } = {}) {
      known(await findLayer(context, id, signal), id, 'layer');
      return diskUsage(join(layerFolder(homeOf(paths, id), id), 'diff'), signal);
    },
    edit: (id, edit, { signal } = {}) =>
      layers.writing(signal, async (open) => {
        const record = known(open.get(id), id, 'layer');
        for (const name of edit.names ?? []) {
          const owner = open.named(name);
          if (owner === undefined || owner.id === id) continue;
          throw new LadingError(
            Code.AlreadyExists,
            `the layer name ${JSON.stringify(name)} is in use by ${shortId(owner.id)}; choose another name`,
            { reason: 'NAME_IN_USE', details: { id: owner.id } },
          );
        }
        if (Object.hasOwn(edit.flags ?? {}, incomplete)) {
          throw new LadingError(
            Code.InvalidArgument,
            `the flag ${incomplete} of a layer is the store's own: every tool removes such a layer`,
          );
        }
        const edited = withEdit(record, edit);
        await open.save(open.all.map((other) => (other === record ? edited : other)));
        return edited;
      }),
    bigData: (id, key, { signal } = {}) =>
      layers.reading(signal, async (open) => {
        const record = known(open.get(id), id, 'layer');
        const unchecked = { ...record, bigDataSizes: {}, bigDataDigests: {} };
        return readData(join(paths.layers, id), unchecked, key, `layer ${shortId(id)}`);
      }),
    setBigData: (id, key, bytes, { signal } = {}) =>
      layers.writing(signal, async (open) => {
        const record = known(open.get(id), id, 'layer');
        await writeFileOf(join(paths.layers, id), key, bytes);
        const edited = { ...record, bigDataNames: [...new Set([...record.bigDataNames, key])] };
        await open.save(open.all.map((other) => (other === record ? edited : other)));
        return edited;
      }),
    async delete(id, { signal } = {}) {
      await using trash = await openTrash(paths);
      await layers.writing(signal, (open) =>
        images.reading(signal, (openImages) =>
          containers.reading(signal, async (openContainers) => {
            known(open.get(id), id, 'layer');
            const users = { paths, layers: open, images: openImages, containers: openContainers };
            const isMounted = isLayerMounted(paths, id, mountedPaths());
            const user = userOfLayer(id, users) ?? (isMounted ? 'a mount' : undefined);
            if (user !== undefined) {
              throw new LadingError(
                Code.FailedPrecondition,
                `layer ${shortId(id)} is in use by ${user}; remove that first`,
                { reason: 'LAYER_IN_USE' },
              );
            }
            await removeLayers(paths, open, new Set([id]), trash);
          }),
        ),
      );
    },
  };
}
