// SPDX-License-Identifier: Apache-2.0
import { lstatSync } from 'node:fs';
import type { StoreContext } from '../context.ts';
import { diskUsage } from '../disk-usage.ts';
import { ifThere } from '../paths.ts';
import type { CallOptions } from '../types.ts';
import { checkLeftovers } from './check-leftovers.ts';
import { removeLeftovers } from './mend-leftovers.ts';
import { holdingAll, survey } from './survey.ts';
import type { Garbage } from './types.ts';

/** Removes what belongs to no record. Where records were lost, what could be theirs is left alone. */
export async function collectGarbage(context: StoreContext, { signal }: CallOptions): Promise<Garbage> {
  return holdingAll(context.paths, 'exclusive', signal, async () => {
    const seen = survey(context.paths);
    let freedBytes = 0;
    for (const { path } of await checkLeftovers(seen)) {
      const found = path === undefined ? undefined : ifThere(() => lstatSync(path));
      if (path === undefined || found === undefined) continue;
      freedBytes += found.isDirectory() ? (await diskUsage(path, signal)).bytes : found.size;
    }
    return { paths: await removeLeftovers(seen, () => true), freedBytes };
  });
}
