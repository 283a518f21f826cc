// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { sweepImageMounts } from '../containers/image-mounts.ts';
import { isKnown, removeOrphan } from '../containers/remove-orphan.ts';
import { removeAbandoned } from '../state/abandoned-files.ts';
import { namesIn } from '../state/names-in.ts';
import type { Context } from './context.ts';

/** Of the key of a container or pod; the other locks are few and stay. */
const lockName = /^([0-9a-f]{64})\.lock$/;

/** Takes away what processes that were killed have left, and nobody else would look for. */
export async function sweep(context: Context, folders: readonly string[]): Promise<void> {
  for (const { id } of await context.store.containers.list())
    if (!(await isKnown(context, id))) await removeOrphan(context, id);
  await sweepImageMounts(context);
  for (const folder of folders) await removeAbandoned(folder, '');
  for (const name of await namesIn(join(context.runDir, 'locks'))) {
    const [, id] = lockName.exec(name) ?? [];
    if (id !== undefined) await forgetUnused(context, id);
  }
}

async function forgetUnused(context: Context, id: string): Promise<void> {
  if (await isKnown(context, id)) return;
  await context.locks.tryHold(id, async () => {
    // It may have been made since.
    if (!(await isKnown(context, id))) await context.locks.forget(id);
  });
}
