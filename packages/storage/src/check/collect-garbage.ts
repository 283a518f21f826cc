// SPDX-License-Identifier: Apache-2.0
import type { StoreContext } from '../context.ts';
import type { CallOptions } from '../types.ts';
import { sizeOnDisk } from './disk-size.ts';
import { removeLeftovers } from './mend-leftovers.ts';
import { holdingAll, survey } from './survey.ts';
import type { Garbage } from './types.ts';

/** Removes what belongs to no record. Where records were lost, what could be theirs is left alone. */
export async function collectGarbage(context: StoreContext, { signal }: CallOptions): Promise<Garbage> {
  return holdingAll(context.paths, 'exclusive', signal, async () => {
    let freedBytes = 0;
    const paths = await removeLeftovers(survey(context.paths), ({ path }) => {
      if (path !== undefined) freedBytes += sizeOnDisk(path);
      return true;
    });
    return { paths, freedBytes };
  });
}
