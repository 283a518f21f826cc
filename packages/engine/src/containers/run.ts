// SPDX-License-Identifier: Apache-2.0
import type { Context } from '../core/context.ts';
import type { Attachment } from '../types/attach.ts';
import type { ContainerOptions } from '../types/container-options.ts';
import type { RunOptions, RunResult } from '../types/containers.ts';
import { createContainer } from './create.ts';
import { removeContainer } from './remove.ts';
import { startLocked } from './start.ts';
import { describe } from './status.ts';
import { waitContainer } from './wait.ts';

/**
 * Create, start, wait, clean up, in this process: no exit command is given to the monitor, which would be a
 * second one that cleans up. If this process is killed, any later call finds the end.
 */
export async function runContainer(
  context: Context,
  options: ContainerOptions,
  run: RunOptions = {},
): Promise<RunResult> {
  const record = await createContainer(context, { exitCommand: [], ...options }, run);
  const { id } = record;
  context.events.emit({ type: 'container', action: 'create', id, name: record.name });
  let attachment: Attachment | undefined;
  try {
    run.onCreate?.(await describe(context, record));
    const started = await context.locks.hold(
      id,
      () =>
        startLocked(context, id, {
          ...run,
          onAttach: (live) => {
            attachment = live;
            run.onAttach?.(live);
          },
        }),
      run.signal,
    );
    run.onStart?.(await describe(context, started));
  } catch (error) {
    if (options.autoRemove) await removeContainer(context, id, { force: true });
    throw error;
  }
  if (attachment !== undefined && (await attachment.done) === 'detached') {
    return { id, exitCode: 0, oomKilled: false, finishedAt: context.now().toISOString(), detached: true };
  }
  const exit = await waitContainer(context, id, run.signal && { signal: run.signal });
  return { ...exit, id, detached: false };
}
