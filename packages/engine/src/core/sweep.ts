// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processStartTicks } from '@lading/linux';
import { sweepImageMounts } from '../containers/image-mounts.ts';
import { removeOrphan } from '../containers/remove-orphan.ts';
import { temporaryOwner } from '../state/atomic-file.ts';
import { namesIn } from '../state/names-in.ts';
import type { Context } from './context.ts';

/** Of the key of a container or pod; the other locks are few and stay. */
const lockName = /^([0-9a-f]{64})\.lock$/;

/** Takes away what processes that were killed have left, and nobody else would look for. */
export async function sweep(context: Context, folders: readonly string[]): Promise<void> {
  for (const { id } of await context.store.containers.list())
    if ((await context.containers.get(id)) === undefined) await removeOrphan(context, id);
  await sweepImageMounts(context);
  for (const folder of folders) await sweepTemporary(folder);
  for (const name of await namesIn(join(context.runDir, 'locks'))) {
    const [, id] = lockName.exec(name) ?? [];
    if (id !== undefined) await forgetUnused(context, id);
  }
}

/** Files that were being written. */
async function sweepTemporary(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const owner = temporaryOwner(name);
    if (owner !== undefined && processStartTicks(owner) === undefined)
      await rm(join(folder, name), { force: true });
  }
}

async function forgetUnused(context: Context, id: string): Promise<void> {
  if (await isKnown(context, id)) return;
  await context.locks.tryHold(id, async () => {
    // It may have been made since.
    if (!(await isKnown(context, id))) await context.locks.forget(id);
  });
}

async function isKnown(context: Context, id: string): Promise<boolean> {
  const found = await Promise.all([context.containers.get(id), context.pods.get(id)]);
  return found.some((record) => record !== undefined);
}
