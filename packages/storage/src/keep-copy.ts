// SPDX-License-Identifier: Apache-2.0
import { addLayer } from './add-layer.ts';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import type { IdMaps } from './id-maps.ts';
import { randomId } from './ids.ts';
import { removeLayers, removeOrphans } from './layer-ledger.ts';
import type { OpenLedger } from './ledger.ts';
import type { LayerRecord } from './records.ts';
import type { StagedCopy } from './stage-copy.ts';
import { recordTime } from './time.ts';

/** The flag of a copy with the id of its image: layer and image cannot be recorded at one instant. */
const madeFor = 'image';

/** Makes a layer of a copy, which its image then names and takes with it. The caller holds the layers. */
export function keepCopy(
  context: StoreContext,
  layers: OpenLedger<LayerRecord>,
  request: { readonly copy: StagedCopy; readonly image: string; readonly maps: IdMaps },
  signal: AbortSignal | undefined,
): Promise<string> {
  const { copy, maps } = request;
  return context.images.writing(signal, async (images) => {
    const image = known(images.get(request.image), request.image, 'image');
    // Copies that no image names.
    await removeOrphans(
      context.paths,
      layers,
      ({ id, flags }) =>
        typeof flags[madeFor] === 'string' && images.get(flags[madeFor])?.mappedLayers.includes(id) !== true,
    );
    const { uidMap, gidMap } = maps;
    const record: LayerRecord = {
      ...copy.original,
      id: randomId(),
      names: [],
      created: recordTime(undefined),
      uidMap,
      gidMap,
      bigDataNames: [],
      flags: { [madeFor]: image.id },
    };
    const kind = copy.home === context.paths ? undefined : 'images';
    await addLayer(context.paths, layers, record, copy.content, kind);
    try {
      const mappedLayers = [...image.mappedLayers, record.id];
      await images.save(images.all.map((other) => (other === image ? { ...image, mappedLayers } : other)));
    } catch (error) {
      await removeLayers(context.paths, layers, new Set([record.id]));
      throw error;
    }
    return record.id;
  });
}
