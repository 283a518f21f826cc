// SPDX-License-Identifier: Apache-2.0
import { existsSync, renameSync } from 'node:fs';
import { syncFilesystem } from '@lading/linux';
import { hostRootOf } from './id-maps.ts';
import { layerFolder, makeLayerFolder, tarSplitPath, withdrawLayerFolder } from './layer-folder.ts';
import { incomplete, removeLayers } from './layer-ledger.ts';
import type { OpenLedger } from './ledger.ts';
import { imageHome, type Paths } from './paths.ts';
import type { LayerRecord } from './records.ts';
import { openTrash } from './trash.ts';
import type { StorageQuota } from './types.ts';

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
  /** How much can be written in it. */
  readonly quota?: StorageQuota | undefined;
}

/**
 * Makes a layer's folder and record while the ledger is held. The record is there first, marked as incomplete, so that
 * whoever comes after a crash knows what to remove; every tool does so.
 *
 * @param kind whether it is a layer of images, or of a container that need not outlive the machine
 */
export async function addLayer(
  paths: Paths,
  layers: OpenLedger<LayerRecord>,
  record: LayerRecord,
  content: LayerContent = {},
  kind?: 'images' | 'volatile' | undefined,
): Promise<void> {
  const { id, parent } = record;
  const { diff, older, tarSplit, below = parent, isSynced, quota } = content;
  const owner = { uid: hostRootOf(record.uidMap) ?? 0, gid: hostRootOf(record.gidMap) ?? 0 };
  const begun = { ...record, flags: { ...record.flags, [incomplete]: true } };
  await layers.save([...layers.all, begun], kind && { id, file: kind });
  try {
    if (existsSync(layerFolder(paths, id))) await removeLeftover(paths, id);
    const home = kind === 'images' ? imageHome(paths) : paths;
    makeLayerFolder(paths, { id, parent: below, content: diff, older, owner, home, quota });
    if (tarSplit !== undefined) renameSync(tarSplit, tarSplitPath(paths, id));
    if (isSynced === true) await syncFilesystem(home.overlay);
    await layers.save(layers.all.map((layer) => (layer.id === id ? record : layer)));
  } catch (error) {
    await removeLayers(paths, layers, new Set([id]));
    throw error;
  }
}

/** A folder without a record: what a tool left that makes the folder first. */
async function removeLeftover(paths: Paths, id: string): Promise<void> {
  await using trash = await openTrash(paths);
  await withdrawLayerFolder(paths, id, trash);
}
