// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Context, runtimeOf, withRun } from '../core/context.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { ExitStatus } from '../types/exit-status.ts';
import { cleanupContainer } from './cleanup.ts';
import { endOfRemoved } from './ended.ts';
import { hasProcess } from './status.ts';

/**
 * Waits for the end, cleans up and says how it ended. What counts is what the clean-up wrote down, whoever
 * did it: the exit file is gone soon after the end.
 */
export async function waitContainer(
  context: Context,
  id: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ExitStatus> {
  for (;;) {
    options.signal?.throwIfAborted();
    const stored = await context.containers.get(id);
    if (stored === undefined) return gone(context, id);
    const record = await withRun(context, stored);
    if (record.startedAt === undefined && record.run === undefined) {
      throw new LadingError(Code.FailedPrecondition, `container ${record.name} was never started`, {
        reason: 'CONTAINER_CREATED',
      });
    }
    if (record.run === undefined && record.exit !== undefined) {
      if (!record.options.autoRemove) return record.exit;
    }
    if (record.run !== undefined && (await hasProcess(context, record))) {
      const { pid, monitorPid } = record.run;
      try {
        await runtimeOf(context, record).waitExit(id, {
          pid,
          ...(monitorPid !== undefined && { monitorPid }),
          ...(options.signal && { signal: options.signal }),
        });
      } catch (error) {
        // Cleaned up by somebody else meanwhile.
        if (!hasCode(error, Code.NotFound)) throw error;
      }
      if (await hasProcess(context, record)) continue;
    }
    const after = await cleanupUnlessRunning(context, id);
    if (after === 'running') continue;
    if (after === undefined) return gone(context, id);
    if (after.exit !== undefined) return after.exit;
  }
}

/** A start that was under way may have come to its end meanwhile. */
async function cleanupUnlessRunning(
  context: Context,
  id: string,
): Promise<ContainerRecord | undefined | 'running'> {
  try {
    return await cleanupContainer(context, id);
  } catch (error) {
    if (error instanceof LadingError && error.reason === 'CONTAINER_RUNNING') return 'running';
    throw error;
  }
}

async function gone(context: Context, id: string): Promise<ExitStatus> {
  const end = await endOfRemoved(context, id);
  if (end !== undefined) return end;
  throw new LadingError(Code.NotFound, `container ${id.slice(0, 12)} was removed while it was waited for`, {
    reason: 'CONTAINER_UNKNOWN',
  });
}
