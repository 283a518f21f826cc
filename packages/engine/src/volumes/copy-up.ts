// SPDX-License-Identifier: Apache-2.0
import { chmod, chown, lstat, readdir } from 'node:fs/promises';
import { applyLayer, packFolder } from '@lading/layer';
import { resolveInRoot } from '../rootfs/read-in-root.ts';

/**
 * Fills an empty volume with what the image has at the place, and gives it the owner and the rights of that folder.
 * Nothing happens when the volume has files.
 */
export async function copyUp(rootfs: string, target: string, volume: string): Promise<void> {
  if ((await readdir(volume)).length > 0) return;
  const source = resolveInRoot(rootfs, target);
  if (source === undefined) return;
  const folder = await lstat(source);
  if (!folder.isDirectory()) return;
  if ((await readdir(source)).length > 0) {
    await applyLayer(packFolder(source, { timePrecision: 'nanosecond' }), volume);
  }
  await chown(volume, folder.uid, folder.gid);
  await chmod(volume, folder.mode & 0o7777);
}
