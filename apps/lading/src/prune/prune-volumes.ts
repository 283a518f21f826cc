// SPDX-License-Identifier: Apache-2.0
import type { Engine, VolumeInfo } from '@lading/engine';
import { Code, hasCode, LadingError } from '@lading/errors';
import { filterVolumes } from '../output/volume-filter.ts';

/** Removes the volumes that match and no container has; gives their names. */
export async function pruneVolumes(engine: Engine, filters: readonly string[]): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const { name } of await idleVolumes(engine, filters)) {
    try {
      removed.push((await engine.volumes.remove(name)).name);
    } catch (reason) {
      const error = LadingError.from(reason);
      // Another one removed it, or a container has come to use it.
      if (!hasCode(error, Code.NotFound) && !hasCode(error, Code.FailedPrecondition)) throw error;
    }
  }
  return removed;
}

export async function idleVolumes(
  engine: Engine,
  filters: readonly string[],
): Promise<readonly VolumeInfo[]> {
  return filterVolumes(engine, await engine.volumes.list(), ['dangling=true', ...filters]);
}
