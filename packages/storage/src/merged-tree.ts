// SPDX-License-Identifier: Apache-2.0
import { constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { unmount } from '@lading/linux';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import { contentFolders, lowerIds } from './layer-folder.ts';
import type { Records } from './ledger.ts';
import { mountVolatileOverlay } from './overlay-mount.ts';
import { newFolder } from './paths.ts';
import { findReadOnlyLayer } from './read-only-stores.ts';
import type { LayerRecord } from './records.ts';

/**
 * Mounts a layer with all below it, for writing to an empty folder, and gives a descriptor of that. No folder shows the
 * mount, which ends with the descriptor. The caller holds the layers: tools that end unmount the home with all that is
 * in it.
 *
 * @param folder an empty one in the home; what is written is in its `diff`
 */
export async function openMergedTree(
  context: StoreContext,
  layers: Records<LayerRecord>,
  id: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { paths, overlayXattrs } = context;
  known(layers.get(id) ?? (await findReadOnlyLayer(context, id, signal)), id, 'layer');
  for (const name of ['diff', 'work', 'merged']) newFolder(join(folder, name), 0o755);
  const target = join(folder, 'merged');
  mountVolatileOverlay({
    folder,
    target,
    lowers: [id, ...lowerIds(paths, id)].flatMap((layer) => contentFolders(paths, layer)),
    options: overlayXattrs === 'user' ? ['userxattr'] : [],
  });
  try {
    return openSync(target, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw LadingError.from(error);
  } finally {
    unmount(target, { lazy: true });
  }
}
