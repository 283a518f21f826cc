// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import { unmount } from '@lading/linux';
import type { LayerContent } from './add-layer.ts';
import { changeOwners } from './change-owners.ts';
import type { StoreContext } from './context.ts';
import { known } from './find-record.ts';
import type { IdMaps } from './id-maps.ts';
import { contentFolders, homeOf, lowerIds, tarSplitPath } from './layer-folder.ts';
import { mapOwner } from './map-owner.ts';
import { mountVolatileOverlay } from './overlay-mount.ts';
import { newFolder } from './paths.ts';
import { findReadOnlyLayer } from './read-only-stores.ts';
import type { LayerRecord } from './records.ts';
import { openTempDir } from './temp-dir.ts';

/** Files of a layer and of all below it, with other owners, in nobody's sight. */
export interface StagedCopy extends AsyncDisposable {
  readonly original: LayerRecord;
  readonly content: LayerContent;
}

/**
 * Copies a layer with all below it, with other owners: the kernel copies each file as it gets its owner. No lock is held
 * meanwhile.
 */
export async function stageCopy(
  context: StoreContext,
  original: LayerRecord,
  maps: IdMaps,
  signal: AbortSignal | undefined,
): Promise<StagedCopy> {
  const { paths } = context;
  const temp = await openTempDir(paths.overlayTemp);
  const files = await openTempDir(paths.layersTemp).catch(async (error: unknown) => {
    await temp.release();
    throw error;
  });
  const discard = async (): Promise<void> => {
    await Promise.all([temp.release(), files.release()]);
  };
  try {
    for (const name of ['diff', 'work', 'merged']) newFolder(join(temp.path, name), 0o755);
    const fd = await openMerged(context, original.id, temp.path, signal);
    try {
      await changeOwners(`/proc/self/fd/${fd}/.`, (owner) => mapOwner(owner, original, maps), signal);
    } finally {
      closeSync(fd);
    }
    const split = tarSplitPath(homeOf(paths, original.id), original.id);
    const tarSplit = existsSync(split) ? join(files.path, '0-addition') : undefined;
    if (tarSplit !== undefined) await copyFile(split, tarSplit);
    const isSynced = context.sync === 'filesystem';
    const content = { older: join(temp.path, 'diff'), below: original.id, tarSplit, isSynced };
    return { original, content, [Symbol.asyncDispose]: discard };
  } catch (error) {
    await discard();
    throw LadingError.from(error);
  }
}

/** A descriptor of the layers as they are mounted together; no folder shows the mount, which ends with the descriptor. */
function openMerged(
  context: StoreContext,
  id: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { paths, overlayXattrs } = context;
  // Under the lock: tools that end unmount the home with all that is in it.
  return context.layers.reading(signal, async (open) => {
    known(open.get(id) ?? (await findReadOnlyLayer(context, id, signal)), id, 'layer');
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
  });
}
