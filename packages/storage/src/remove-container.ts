// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { removeLayers } from './layer-ledger.ts';
import type { OpenLedger } from './ledger.ts';
import { unmountBelow } from './mounted.ts';
import type { Paths } from './paths.ts';
import type { ContainerRecord, LayerRecord } from './records.ts';
import { removeTree } from './remove-tree.ts';
import type { Trash } from './trash.ts';

/**
 * Removes the layer and folders of a container; the record goes last, so that what a crash leaves can be deleted again.
 *
 * @param trash Default: one of its own.
 */
export async function removeContainer(
  paths: Paths,
  record: ContainerRecord,
  layers: OpenLedger<LayerRecord>,
  trash?: Trash,
): Promise<void> {
  if (layers.get(record.layer) !== undefined) {
    await removeLayers(paths, layers, new Set([record.layer]), trash);
  }
  for (const home of [paths.containers, paths.runContainers]) {
    const folder = join(home, record.id);
    unmountBelow(folder);
    await removeTree(folder);
  }
}
