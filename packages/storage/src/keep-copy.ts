// SPDX-License-Identifier: Apache-2.0
import { addLayer } from './add-layer.ts';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import type { IdMaps } from './id-maps.ts';
import { randomId } from './ids.ts';
import { removeLayers } from './layer-ledger.ts';
import type { OpenLedger, Records } from './ledger.ts';
import type { ImageRecord, LayerRecord } from './records.ts';
import type { StagedCopy } from './stage-copy.ts';
import { recordTime } from './time.ts';
import { openTrash } from './trash.ts';

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
    await removeOrphanCopies(context, layers, images);
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
      await remove(context, layers, new Set([record.id]));
      throw error;
    }
    return record.id;
  });
}

/** Copies that no image names, because their makers died. */
async function removeOrphanCopies(
  context: StoreContext,
  layers: OpenLedger<LayerRecord>,
  images: Records<ImageRecord>,
): Promise<void> {
  const isOrphan = ({ id, flags }: LayerRecord): boolean =>
    typeof flags[madeFor] === 'string' && images.get(flags[madeFor])?.mappedLayers.includes(id) !== true;
  const orphans = new Set(layers.all.filter(isOrphan).map(({ id }) => id));
  // Of an image that was deleted by force while a container is on top.
  for (const { parent } of layers.all) if (parent !== undefined) orphans.delete(parent);
  if (orphans.size > 0) await remove(context, layers, orphans);
}

async function remove(
  { paths }: StoreContext,
  layers: OpenLedger<LayerRecord>,
  ids: ReadonlySet<string>,
): Promise<void> {
  await using trash = await openTrash(paths);
  await removeLayers(paths, layers, ids, trash);
}
