// SPDX-License-Identifier: Apache-2.0
import { existsSync, renameSync } from 'node:fs';
import { syncFilesystem } from '@lading/linux';
import { layerFolder, makeLayerFolder, tarSplitPath, withdrawLayerFolder } from './layer-folder.ts';
import { incomplete, removeLayers } from './layer-ledger.ts';
import type { OpenLedger } from './ledger.ts';
import type { Paths } from './paths.ts';
import type { LayerRecord } from './records.ts';
import { openTempDir } from './temp-dir.ts';

/** What was staged for a layer, to be moved into place. */
export interface LayerContent {
  readonly diff: string;
  readonly tarSplit: string;
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
  content?: LayerContent,
  isVolatile = false,
): Promise<void> {
  const { id, parent } = record;
  const begun = { ...record, flags: { ...record.flags, [incomplete]: true } };
  await layers.save([...layers.all, begun], isVolatile ? id : undefined);
  try {
    if (existsSync(layerFolder(paths, id))) await removeLeftover(paths, id);
    makeLayerFolder(paths, { id, parent, ...(content && { content: content.diff }) });
    if (content !== undefined) renameSync(content.tarSplit, tarSplitPath(paths, id));
    if (content?.isSynced === true) await syncFilesystem(paths.overlay);
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
