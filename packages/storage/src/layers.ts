// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { LayerSource } from '@lading/layer';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { layerId, shortId } from './ids.ts';
import { layerFolder } from './layer-folder.ts';
import { removeLayers } from './layer-ledger.ts';
import { isAnyBelow, mountedPaths } from './mounts.ts';
import { openTempDir } from './temp-dir.ts';
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
    list: async ({ signal } = {}) => (await layers.read(signal)).all,
    get: async (id, { signal } = {}) => (await layers.read(signal)).get(id),
    idFor: layerId,
    async add(source, { parent, ...options } = {}) {
      if (options.expectedDiffId !== undefined) {
        const id = layerId(parent, options.expectedDiffId);
        const existing = (await layers.read(options.signal)).get(id);
        if (existing !== undefined) {
          await source[Symbol.asyncIterator]().return?.();
          return existing;
        }
      }
      await using staged = await stage(source, options);
      return await staged.commit(parent, options);
    },
    stage: (source, options = {}) => stage(source, options),
    async *open(id, { signal } = {}) {
      const { layerStream } = await import('./layer-stream.ts');
      yield* layerStream(context, id, signal);
    },
    async delete(id, { signal } = {}) {
      await using temp = await openTempDir(paths.overlayTemp);
      await layers.writing(signal, (open) =>
        images.reading(signal, (openImages) =>
          containers.reading(signal, async (openContainers) => {
            known(open.get(id), id, 'layer');
            const users = { layers: open, images: openImages, containers: openContainers };
            const isMounted = isAnyBelow(mountedPaths(), layerFolder(paths, id));
            const user = userOfLayer(id, users) ?? (isMounted ? 'a mount' : undefined);
            if (user !== undefined) {
              throw new LadingError(
                Code.FailedPrecondition,
                `layer ${shortId(id)} is in use by ${user}; remove that first`,
                { reason: 'LAYER_IN_USE' },
              );
            }
            await removeLayers(paths, open, new Set([id]), temp.path);
          }),
        ),
      );
    },
  };
}
