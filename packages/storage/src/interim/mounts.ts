// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { isMountPoint, mount, unmount } from '@lading/linux';
import { readOptional } from './layer-folder.ts';
import type { Layout } from './layout.ts';
import { stamp, withLocks } from './locks.ts';
import { type RawRecord, readRecords, writeRecords } from './record-file.ts';

/** Mounts of layers, counted in mountpoints.json, so that several users and tools share one. */
export interface Mounts {
  /** Mounts a layer for writing; the folder where its tree is. */
  mount(layer: string): Promise<string>;
  /** Takes one use back, and the mount with the last one. With `force` all of them. Nothing mounted is no error. */
  unmount(layer: string, options?: { readonly force?: boolean }): Promise<void>;
  /** Gives the driver's own mount up when nothing of the store is mounted. */
  release(): Promise<void>;
}

const pageSize = 4096;

export function createMounts(layout: Layout): Mounts {
  const { overlay } = layout;
  const folderOf = (layer: string): string => join(overlay, layer, 'merged');
  let touched = false;

  const withCounts = <T>(work: (counts: Map<string, number>) => Promise<T>): Promise<T> =>
    withLocks([[layout.mountPointsLock, 'exclusive']], undefined, async ([lock]) => {
      const records = await readRecords(layout.mountPoints);
      const counts = new Map(records.map((raw) => [raw.id, Number(raw.count)]));
      const result = await work(counts);
      if (lock !== undefined) stamp(lock);
      const rows = [...counts]
        .filter(([, count]) => count > 0)
        .map(([id, count]): RawRecord => ({ id, path: folderOf(id), count }));
      await writeRecords(layout.mountPoints, rows, ['id', 'path', 'count']);
      return result;
    });

  return {
    mount: (layer) =>
      withLocks(
        [
          [layout.storageLock, 'exclusive'],
          [layout.layersLock, 'exclusive'],
        ],
        undefined,
        () =>
          withCounts(async (counts) => {
            touched = true;
            const folder = folderOf(layer);
            holdHome(overlay);
            if (!isMountPoint(folder)) {
              counts.delete(layer); // a count without a mount is of an earlier boot
              await mountLayer(overlay, layer);
            }
            counts.set(layer, (counts.get(layer) ?? 0) + 1);
            return folder;
          }),
      ),
    unmount: (layer, { force = false } = {}) =>
      withLocks([[layout.layersLock, 'exclusive']], undefined, () =>
        withCounts(async (counts) => {
          touched = true;
          const left = force ? 0 : (counts.get(layer) ?? 0) - 1;
          if (left > 0) counts.set(layer, left);
          else {
            counts.delete(layer);
            unmountIfMounted(folderOf(layer));
          }
        }),
      ),
    async release() {
      if (!touched) return;
      await withLocks(
        [
          [layout.storageLock, 'exclusive'],
          [layout.layersLock, 'exclusive'],
        ],
        undefined,
        ([lock]) =>
          withCounts(async (counts) => {
            if (counts.size > 0) return;
            if (lock !== undefined) stamp(lock);
            unmountIfMounted(overlay);
          }),
      );
    },
  };
}

/**
 * The driver's home is a private mount on itself. Mounts below must be made after that: another tool would put its
 * own over them, and they would be out of sight.
 */
function holdHome(overlay: string): void {
  if (isMountPoint(overlay)) return;
  mount({ source: overlay, target: overlay, flags: ['bind'] });
  mount({ target: overlay, flags: ['private'] });
}

function unmountIfMounted(path: string): void {
  try {
    unmount(path, { lazy: true });
  } catch (error) {
    // Nothing is mounted there, or there is no such folder.
    if (!hasCode(error, Code.InvalidArgument) && !hasCode(error, Code.NotFound)) throw error;
  }
}

async function mountLayer(overlay: string, layer: string): Promise<void> {
  const folder = join(overlay, layer);
  const [lower] = await Promise.all([
    readOptional(join(folder, 'lower')),
    mkdir(join(folder, 'merged'), { recursive: true, mode: 0o700 }),
    readFile(join(folder, 'link')),
  ]);
  // Short names from the driver's home: the options of a mount must fit into one page.
  const lowers = lower ?? `${layer}/empty`;
  const data = `lowerdir=${lowers},upperdir=${layer}/diff,workdir=${layer}/work`;
  if (data.length >= pageSize) {
    throw new LadingError(Code.Unimplemented, `layer ${layer} stands on more layers than fit into one mount`);
  }
  // The thread's folder is back before anything else can run: both calls are synchronous.
  const former = process.cwd();
  process.chdir(overlay);
  try {
    mount({ source: 'overlay', type: 'overlay', target: `${layer}/merged`, data });
  } finally {
    process.chdir(former);
  }
}
