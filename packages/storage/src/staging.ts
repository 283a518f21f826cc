// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { driverHomes, ifThere, type Paths } from './paths.ts';
import { removeTree } from './remove-tree.ts';
import { isAt, tryLock } from './temp-dir.ts';

/** Other tools unpack a layer that they fetch in parts in a folder with a random name, beside a file that they lock. */
const lockName = 'staging.lock';

/** Folders of partial pulls whose makers are gone. One without a lock file may only just have been made. */
export async function abandonedStaging(paths: Paths): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of foldersIn(paths)) {
    const path = join(folder, lockName);
    const lock = existsSync(path) ? await tryLock(path) : undefined;
    lock?.release();
    if (lock !== undefined) found.push(folder);
  }
  return found;
}

/** Removes them. Gives whether there are others. The caller holds the store's lock, or two could do so at once. */
export async function sweepStaging(paths: Paths): Promise<boolean> {
  for (const folder of await abandonedStaging(paths)) {
    const path = join(folder, lockName);
    using lock = await tryLock(path);
    if (lock !== undefined && isAt(lock, path)) await removeTree(folder);
  }
  return foldersIn(paths).length > 0;
}

function foldersIn(paths: Paths): readonly string[] {
  return driverHomes(paths).flatMap(({ staging }) =>
    (ifThere(() => readdirSync(staging)) ?? []).map((name) => join(staging, name)),
  );
}
