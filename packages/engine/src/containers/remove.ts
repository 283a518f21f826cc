// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Context, withRun, writeRun } from '../core/context.ts';
import type { ContainerRecord, RemoveOptions } from '../types/containers.ts';
import { removeAnonymousVolumes } from '../volumes/container-volumes.ts';
import { takeCare } from './caretaker.ts';
import { cleanupLocked, removeLocked } from './cleanup.ts';
import { dependentsOf } from './required.ts';
import { isUp, statusOf } from './status.ts';
import { stopProcess } from './stop.ts';

/** Removes a container and all that is of it; gives the ids of what was removed. Nothing happens when it is gone. */
export async function removeContainer(
  context: Context,
  id: string,
  options: RemoveOptions = {},
): Promise<readonly string[]> {
  const removed: string[] = [];
  if (options.dependents === 'remove') {
    for (const dependent of await dependentsOf(context, id))
      removed.push(...(await removeContainer(context, dependent, options)));
  }
  await context.locks.hold(
    id,
    async () => {
      const stored = await context.containers.get(id);
      if (stored === undefined) return context.locks.forget(id);
      const record = await withRun(context, stored);
      const status = await statusOf(context, record);
      // What has not begun loses nothing.
      if (isUp(status) && !options.force && status !== 'initialized') {
        throw new LadingError(
          Code.FailedPrecondition,
          `container ${record.name} is ${status}; stop it first, or remove it by force`,
          { reason: 'CONTAINER_RUNNING', details: { id } },
        );
      }
      if (options.dependents === 'refuse') await refuseRequired(context, record);
      using _care = isUp(status) ? takeCare(context, id) : undefined;
      if (status === 'initialized' && record.run !== undefined) {
        // Taken away, not ended: its command has not run.
        await writeRun(context, id, { ...record.run, pid: 0 });
      } else if (isUp(status)) {
        await stopProcess(context, id, {
          timeoutMs: options.timeoutMs ?? 0,
          ...(options.signal && { signal: options.signal }),
        });
      }
      const settled = await cleanupLocked(context, id);
      removed.push(id);
      if (settled === undefined) return;
      await removeLocked(context, settled);
      if (options.volumes && !settled.options.autoRemove)
        await removeAnonymousVolumes(context, settled.options);
    },
    options.signal,
  );
  return removed;
}

async function refuseRequired(context: Context, { id, name }: ContainerRecord): Promise<void> {
  const dependents = await dependentsOf(context, id);
  if (dependents.length === 0) return;
  throw new LadingError(
    Code.FailedPrecondition,
    `container ${name} is required by ${dependents.map((other) => other.slice(0, 12)).join(', ')}; remove these first`,
    { reason: 'CONTAINER_REQUIRED', details: { id, dependents } },
  );
}
