// SPDX-License-Identifier: Apache-2.0
import type { Engine } from '@lading/engine';
import { isRunning } from '../output/names.ts';
import type { PruneFilter } from './prune-filter.ts';

/**
 * Removes all containers that do not run and match; gives their ids, and the bytes of their own layers. What is required
 * by one that stays stays with it, where podman fails.
 */
export async function pruneContainers(
  engine: Engine,
  { createdBefore, matches }: PruneFilter,
  signal: AbortSignal,
): Promise<{ readonly ids: readonly string[]; readonly bytes: number }> {
  const ids: string[] = [];
  let bytes = 0;
  const required = new Set<string>();
  // The youngest first: nobody requires a younger one.
  for (const container of await engine.containers.list({ all: true })) {
    const isOld = createdBefore === undefined || new Date(container.createdAt) < createdBefore;
    const isKept = isRunning(container) || !isOld || !matches(container.options.labels ?? {});
    if (isKept || required.has(container.id)) {
      for (const id of container.options.requires ?? []) required.add(id);
      continue;
    }
    const { writableBytes } = await engine.store.containers.size(container.id, { signal });
    await engine.containers.remove(container.id, { ignoreMissing: true, signal });
    ids.push(container.id);
    bytes += writableBytes;
  }
  return { ids, bytes };
}
