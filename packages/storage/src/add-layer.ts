// SPDX-License-Identifier: Apache-2.0
import { existsSync, renameSync } from 'node:fs';
import { syncFilesystem } from '@lading/linux';
import { hostRootOf } from './id-maps.ts';
import { layerFolder, makeLayerFolder, tarSplitPath, withdrawLayerFolder } from './layer-folder.ts';
import { incomplete, removeLayers } from './layer-ledger.ts';
import type { OpenLedger } from './ledger.ts';
import type { Paths } from './paths.ts';
import type { LayerRecord } from './records.ts';
import { openTempDir } from './temp-dir.ts';

/** What was staged for a layer, to be moved into place. */
export interface LayerContent {
  /** Its files. */
  readonly diff?: string | undefined;
  /** All files of the layers below, with other owners. */
  readonly older?: string | undefined;
  readonly tarSplit?: string | undefined;
  /** The layer that it is on top of. Default: its parent. */
  readonly below?: string | undefined;
  /** Whether it must be on the disk before it counts. */
  readonly isSynced?: boolean | undefined;
}

/**
 * Makes a layer's folder and record while the ledger is held. The record is there first, marked as incomplete, so that
 * whoever comes after a crash knows what to remove; every tool does so.
 */
export async function addLayer(
  paths: Paths,
  layers: OpenLedger<LayerRecord>,
  record: LayerRecord,
  content: LayerContent = {},
  isVolatile = false,
): Promise<void> {
  const { id, parent } = record;
  const { diff, older, tarSplit, below = parent, isSynced } = content;
  const owner = { uid: hostRootOf(record.uidMap) ?? 0, gid: hostRootOf(record.gidMap) ?? 0 };
  const begun = { ...record, flags: { ...record.flags, [incomplete]: true } };
  await layers.save([...layers.all, begun], isVolatile ? id : undefined);
  try {
    if (existsSync(layerFolder(paths, id))) await removeLeftover(paths, id);
    makeLayerFolder(paths, { id, parent: below, content: diff, older, owner });
    if (tarSplit !== undefined) renameSync(tarSplit, tarSplitPath(paths, id));
    if (isSynced === true) await syncFilesystem(paths.overlay);
    await layers.save(layers.all.map((layer) => (layer.id === id ? record : layer)));
  } catch (error) {
    await using temp = await openTempDir(paths.overlayTemp);
    await removeLayers(paths, layers, new Set([id]), temp.path);
    throw error;
  }
}

/** A folder without a record: what a tool left that makes the folder first. */
async function removeLeftover(paths: Paths, id: string): Promise<void> {
  await using temp = await openTempDir(paths.overlayTemp);
  await withdrawLayerFolder(paths, id, temp.path);
}
