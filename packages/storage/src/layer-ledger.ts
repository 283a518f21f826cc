// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { withdrawLayerFolder } from './layer-folder.ts';
import { type Ledger, type OpenLedger, openLedger, type Records } from './ledger.ts';
import { driverHomes, type Paths } from './paths.ts';
import { layerFormat } from './record-json.ts';
import type { LayerRecord } from './records.ts';
import { sweepTempDirs } from './temp-dir.ts';
import { openTrash, type Trash } from './trash.ts';

/** The flag of a layer that is being made or removed. No tool uses such a layer, and each may remove it. */
export const incomplete = 'incomplete';

/**
 * The ledger of layers. What a crash left half made, half removed or half unpacked is hidden from readers, and is gone
 * before a writer begins.
 */
export function openLayerLedger(paths: Paths): Ledger<LayerRecord> {
  const apart = paths.imageStore?.layers;
  const ledger = openLedger({
    lockPaths: [paths.layers, apart].filter(isPath).map((folder) => join(folder, 'layers.lock')),
    files: [
      { path: join(paths.layers, 'layers.json') },
      ...(apart === undefined ? [] : [{ name: 'images' as const, path: join(apart, 'layers.json') }]),
      { name: 'volatile', path: join(paths.volatileLayers, 'volatile-layers.json'), durable: false },
    ],
    format: layerFormat,
  });
  return {
    read: async (signal) => completeOnly(await ledger.read(signal)),
    reading: (signal, work) => ledger.reading(signal, (records) => work(completeOnly(records))),
    async writing(signal, work) {
      // Without the lock: there may be much to remove.
      await sweepAllTempDirs(paths);
      return ledger.writing(signal, async (layers) => {
        await removeIncomplete(paths, layers);
        return work(layers);
      });
    },
  };
}

function isPath(path: string | undefined): path is string {
  return path !== undefined;
}

/** Removes what processes that are gone were unpacking or removing. */
export async function sweepAllTempDirs(paths: Paths): Promise<void> {
  const homes = [...driverHomes(paths).map(({ overlayTemp }) => overlayTemp), paths.layersTemp];
  await Promise.all(homes.map(sweepTempDirs));
}

function isIncomplete(layer: LayerRecord): boolean {
  return layer.flags[incomplete] === true;
}

function completeOnly(records: Records<LayerRecord>): Records<LayerRecord> {
  if (!records.all.some(isIncomplete)) return records;
  const only = (layer: LayerRecord | undefined): LayerRecord | undefined =>
    layer !== undefined && isIncomplete(layer) ? undefined : layer;
  return {
    all: records.all.filter((layer) => !isIncomplete(layer)),
    get: (id) => only(records.get(id)),
    named: (name) => only(records.named(name)),
  };
}

/**
 * Removes layers and their records; the records may be marked as incomplete already.
 *
 * @param trash Default: one of its own
 */
export async function removeLayers(
  paths: Paths,
  layers: OpenLedger<LayerRecord>,
  ids: ReadonlySet<string>,
  trash?: Trash,
): Promise<void> {
  if (ids.size === 0) return;
  if (trash === undefined) {
    await using own = await openTrash(paths);
    return await removeLayers(paths, layers, ids, own);
  }
  if (layers.all.some((layer) => ids.has(layer.id) && !isIncomplete(layer))) {
    await layers.save(
      layers.all.map((layer) =>
        ids.has(layer.id) ? { ...layer, flags: { ...layer.flags, [incomplete]: true } } : layer,
      ),
    );
  }
  for (const id of ids) await withdrawLayerFolder(paths, id, trash);
  await layers.save(layers.all.filter((layer) => !ids.has(layer.id)));
}

async function removeIncomplete(paths: Paths, layers: OpenLedger<LayerRecord>): Promise<void> {
  await removeLayers(paths, layers, new Set(layers.all.filter(isIncomplete).map(({ id }) => id)));
}

/** Removes layers whose owner never came to be, because its maker died. */
export async function removeOrphans(
  paths: Paths,
  layers: OpenLedger<LayerRecord>,
  isOrphan: (layer: LayerRecord) => boolean,
): Promise<void> {
  const orphans = new Set(layers.all.filter(isOrphan).map(({ id }) => id));
  // One that was built on since is somebody's; as is a copy of an image that was deleted below a container.
  for (const { parent } of layers.all) if (parent !== undefined) orphans.delete(parent);
  await removeLayers(paths, layers, orphans);
}
