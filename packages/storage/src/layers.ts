// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { layerId, shortId } from './ids.ts';
import { layerFolder } from './layer-folder.ts';
import { removeLayers } from './layer-ledger.ts';
import { layerStream } from './layer-stream.ts';
import { mountedPaths } from './mounts.ts';
import { stageLayer } from './stage-layer.ts';
import { openTempDir } from './temp-dir.ts';
import type { Layers } from './types.ts';
import { userOfLayer } from './users-of-layer.ts';

export function createLayers(context: StoreContext): Layers {
  const { paths, layers, images, containers } = context;
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
      await using staged = await stageLayer(context, source, options);
      return await staged.commit(parent, options);
    },
    stage: (source, options = {}) => stageLayer(context, source, options),
    open: (id, { signal } = {}) => layerStream(context, id, signal),
    async delete(id, { signal } = {}) {
      await using temp = await openTempDir(paths.overlayTemp);
      await layers.writing(signal, (open) =>
        images.reading(signal, (openImages) =>
          containers.reading(signal, async (openContainers) => {
            known(open.get(id), id, 'layer');
            const users = { layers: open, images: openImages, containers: openContainers };
            const user = userOfLayer(id, users) ?? mountOf(layerFolder(paths, id));
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

/** What is mounted below a folder, in words. */
export function mountOf(folder: string): string | undefined {
  const target = [...mountedPaths()].find((path) => path.startsWith(`${folder}/`));
  return target && `the mount ${target}`;
}
