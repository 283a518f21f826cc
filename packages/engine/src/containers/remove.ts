// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Context, withRun } from '../core/context.ts';
import type { RemoveOptions } from '../types/containers.ts';
import { removeAnonymousVolumes } from '../volumes/container-volumes.ts';
import { cleanupLocked, removeLocked } from './cleanup.ts';
import { isUp, statusOf } from './status.ts';
import { stopProcess } from './stop.ts';

/** Removes a container and all that is of it. Nothing happens when it is gone. */
export async function removeContainer(
  context: Context,
  id: string,
  options: RemoveOptions = {},
): Promise<void> {
  await context.locks.hold(
    id,
    async () => {
      const stored = await context.containers.get(id);
      if (stored === undefined) return context.locks.forget(id);
      const record = await withRun(context, stored);
      const status = await statusOf(context, record);
      if (isUp(status)) {
        // What has not begun loses nothing.
        if (!options.force && status !== 'initialized') {
          throw new LadingError(
            Code.FailedPrecondition,
            `container ${record.name} is ${status}; stop it first, or remove it by force`,
            { reason: 'CONTAINER_RUNNING', details: { id } },
          );
        }
        await stopProcess(context, id, {
          timeoutMs: options.timeoutMs ?? 0,
          ...(options.signal && { signal: options.signal }),
        });
      }
      const settled = await cleanupLocked(context, id);
      if (settled === undefined) return;
      await removeLocked(context, settled);
      if (options.volumes && !settled.options.autoRemove)
        await removeAnonymousVolumes(context, settled.options);
    },
    options.signal,
  );
}
