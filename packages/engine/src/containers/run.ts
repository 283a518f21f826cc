// SPDX-License-Identifier: Apache-2.0
import { containerEvent } from '../core/container-event.ts';
import type { Context } from '../core/context.ts';
import type { Attachment } from '../types/attach.ts';
import type { ContainerOptions } from '../types/container-options.ts';
import type { RunOptions, RunResult } from '../types/containers.ts';
import { takeCare } from './caretaker.ts';
import { createContainer } from './create.ts';
import { removeContainer } from './remove.ts';
import { startLocked } from './start.ts';
import { describe } from './status.ts';
import { waitContainer } from './wait.ts';

/**
 * Create, start, wait, clean up, in this process. The monitor's exit command does it when this process is
 * killed before.
 */
export async function runContainer(
  context: Context,
  options: ContainerOptions,
  run: RunOptions = {},
): Promise<RunResult> {
  const record = await createContainer(context, options, run);
  const { id } = record;
  context.events.emit(containerEvent(record, 'create'));
  let attachment: Attachment | undefined;
  // One that is to run again is not ours to clean up alone.
  using _care = options.restartPolicy === undefined ? takeCare(context, id) : undefined;
  try {
    run.onCreate?.(await describe(context, record));
    const started = await context.locks.hold(
      id,
      () =>
        startLocked(context, id, {
          ...run,
          onAttach: (live) => {
            attachment = live;
            return run.onAttach?.(live);
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
