// SPDX-License-Identifier: Apache-2.0
import { rm, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { processStartTicks } from '@lading/linux';
import { sweepImageMounts } from '../containers/image-mounts.ts';
import { isKnown, removeOrphan } from '../containers/remove-orphan.ts';
import { isMissing, temporaryOwner } from '../state/atomic-file.ts';
import { namesIn } from '../state/names-in.ts';
import type { Context } from './context.ts';

/** Of the key of a container or pod; the other locks are few and stay. */
const lockName = /^([0-9a-f]{64})\.lock$/;

/** Takes away what processes that were killed have left, and nobody else would look for. */
export async function sweep(context: Context, folders: readonly string[]): Promise<void> {
  for (const { id } of await context.store.containers.list())
    if (!(await isKnown(context, id))) await removeOrphan(context, id);
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
    const path = join(folder, name);
    if (owner !== undefined && (await isAbandoned(path, owner))) await rm(path, { force: true });
  }
}

/** How far the clocks of files and of processes may be apart. */
const clocksApartMs = 1000;
const msPerTick = 10;

/** Whether nobody writes the file any more: the process is gone, or is a later one with the same number. */
async function isAbandoned(path: string, owner: number): Promise<boolean> {
  const ticks = processStartTicks(owner);
  if (ticks === undefined) return true;
  const startedMs = Date.now() - uptime() * 1000 + Number(ticks) * msPerTick;
  const written = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined; // it was finished
    throw error;
  });
  return written !== undefined && written.mtimeMs + clocksApartMs < startedMs;
}

async function forgetUnused(context: Context, id: string): Promise<void> {
  if (await isKnown(context, id)) return;
  await context.locks.tryHold(id, async () => {
    // It may have been made since.
    if (!(await isKnown(context, id))) await context.locks.forget(id);
  });
}
