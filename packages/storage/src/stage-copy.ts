// SPDX-License-Identifier: Apache-2.0
import { closeSync, existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';
import type { LayerContent } from './add-layer.ts';
import { changeOwners } from './change-owners.ts';
import type { StoreContext } from './context.ts';
import type { IdMaps } from './id-maps.ts';
import { homeOf, tarSplitPath } from './layer-folder.ts';
import { mapOwner } from './map-owner.ts';
import { openMergedTree } from './merged-tree.ts';
import type { DriverHome } from './paths.ts';
import type { LayerRecord } from './records.ts';
import { openTempDir } from './temp-dir.ts';

/** Files of a layer and of all below it, with other owners, in nobody's sight. */
export interface StagedCopy extends AsyncDisposable {
  readonly original: LayerRecord;
  readonly content: LayerContent;
  /** Where it is to be. */
  readonly home: DriverHome;
}

/**
 * Copies a layer with all below it, with other owners: the kernel copies each file as it gets its owner. No lock is held
 * meanwhile. What is copied is in the home that is to have it.
 */
export async function stageCopy(
  context: StoreContext,
  original: LayerRecord,
  { maps, home }: { readonly maps: IdMaps; readonly home: DriverHome },
  signal: AbortSignal | undefined,
): Promise<StagedCopy> {
  const { paths } = context;
  const temp = await openTempDir(home.overlayTemp);
  const files = await openTempDir(paths.layersTemp).catch(async (error: unknown) => {
    await temp.release();
    throw error;
  });
  const discard = async (): Promise<void> => {
    await Promise.all([temp.release(), files.release()]);
  };
  try {
    const fd = await context.layers.reading(signal, (layers) =>
      openMergedTree(context, layers, original.id, temp.path, signal),
    );
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
    return { original, content, home, [Symbol.asyncDispose]: discard };
  } catch (error) {
    await discard();
    throw LadingError.from(error);
  }
}
