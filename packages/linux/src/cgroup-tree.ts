// SPDX-License-Identifier: Apache-2.0
import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LadingError } from '@lading/errors';

/** A process that has just ended may be in its group for a moment. */
const waitsMs = [1, 5, 20, 80, 320] as const;

/**
 * Removes a control group with those that are in it. One that is gone already is no error.
 *
 * @param path - its folder in a hierarchy, below /sys/fs/cgroup
 * @throws LadingError with reason `EBUSY` when a process stays in it
 * @example
 * ```ts
 * import { removeCgroupTree } from '@lading/linux';
 *
 * await removeCgroupTree('/sys/fs/cgroup/memory/of-one-that-ended');
 * ```
 */
export async function removeCgroupTree(path: string): Promise<void> {
  for (const wait of waitsMs) {
    try {
      return removeNow(path);
    } catch (error) {
      if (LadingError.from(error).reason !== 'EBUSY') throw error;
    }
    await sleep(wait);
  }
  removeNow(path);
}

function removeNow(path: string): void {
  try {
    rmdirSync(path);
  } catch (cause) {
    const error = LadingError.from(cause);
    if (error.reason === 'ENOENT') return;
    const inner = error.reason === 'EBUSY' ? groupsIn(path) : [];
    if (inner.length === 0) throw error;
    for (const group of inner) removeNow(group);
    removeNow(path);
  }
}

function groupsIn(path: string): readonly string[] {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
}
