// SPDX-License-Identifier: Apache-2.0
import { sweepAllTempDirs } from '../layer-ledger.ts';
import { unmountBelow } from '../mounted.ts';
import { removeTree } from '../remove-tree.ts';
import { checkLeftovers } from './check-leftovers.ts';
import type { Fault } from './fault.ts';
import type { Survey } from './survey.ts';

/** Removes what belongs to no record. Gives the paths. The caller holds all locks exclusively. */
export async function removeLeftovers(
  survey: Survey,
  isAsked: (fault: Fault) => boolean,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const fault of await checkLeftovers(survey)) {
    const { path } = fault;
    if (path === undefined || !isAsked(fault)) continue;
    unmountBelow(path);
    await removeTree(path);
    removed.push(path);
  }
  // With their lock files.
  await sweepAllTempDirs(survey.paths);
  return removed;
}
