// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LadingError } from '@lading/errors';
import type { Reserve, StoreRoots } from '../types/reserve.ts';

/** More than the small files that a removal writes before it gives room back. */
const stepBytes = 256 << 10;

/** Files of the store that are written anew as a whole, whatever is removed. */
const bigFiles = [
  'overlay-layers/layers.json',
  'overlay-images/images.json',
  'overlay-containers/containers.json',
];

/** Without these nobody can write there, and so there is nothing to keep. */
const cannotWrite: ReadonlySet<string | undefined> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
]);

/**
 * Keeps a little room in the folder `lading` of each root of a store, so that something can be removed when the disk is full.
 * Called again, it keeps what is missing.
 */
export async function openReserve(store: StoreRoots): Promise<Reserve> {
  const { graphRoot, runRoot, imageStore } = store;
  const roots = [graphRoot, runRoot, ...(imageStore === undefined ? [] : [imageStore])];
  const fill = async (): Promise<void> => {
    for (const root of roots) await keep(join(root, 'lading/reserve'), neededIn(root));
  };
  await fill();
  return {
    async spend(work) {
      try {
        return await work();
      } catch (error) {
        if (!isDiskFull(error)) throw error;
      }
      for (const root of roots) rmSync(join(root, 'lading/reserve'), { force: true });
      try {
        return await work();
      } finally {
        await fill();
      }
    },
  };
}

/** Whether something failed because there is no room for it. */
export function isDiskFull(error: unknown): boolean {
  const { reason } = LadingError.from(error);
  return reason === 'ENOSPC' || reason === 'EDQUOT';
}

function neededIn(root: string): number {
  const largest = Math.max(...bigFiles.map((file) => sizeOf(join(root, file))));
  return (Math.ceil(largest / stepBytes) + 1) * stepBytes;
}

async function keep(path: string, bytes: number): Promise<void> {
  const kept = sizeOf(path);
  if (kept >= bytes) return;
  const { randomBytes } = await import('node:crypto'); // rarely, and slow to load
  try {
    if (kept === 0) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Not zeros: some file systems store them as nothing.
    writeFileSync(path, randomBytes(bytes - kept), { flag: 'a', mode: 0o600 });
  } catch (error) {
    if (!cannotWrite.has(LadingError.from(error).reason)) throw error;
    if (!isDiskFull(error)) return;
    // A piece of it would take the last room.
    if (kept === 0) rmSync(path, { force: true });
    else truncateSync(path, kept);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
