// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { removeCgroupTree } from '@lading/linux';
import type { KeptState } from './kept-state.ts';
import { isLive } from './live-process.ts';

/** Deletes a container that has ended, as `runc delete` does; false when it has not. */
export async function deleteEnded({ cgroups, first, folder }: KeptState): Promise<boolean> {
  if (isLive(first)) return false;
  await Promise.all(cgroups.map((path) => removeCgroupTree(path)));
  // Last: without it nobody would find the groups.
  rmSync(folder, { recursive: true, force: true });
  return true;
}
