// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Context, readContainer, runtimeOf } from '../core/context.ts';
import type { ContainerRecord, StopOptions } from '../types/containers.ts';
import { monitorHangs } from './monitored-end.ts';
import { noteStopped } from './restart.ts';
import { isUp, statusOf } from './status.ts';

/** KILL is certain, but a frozen or swapping machine takes its time. */
const killWaitMs = 30_000;

/** What a timer takes; with more it would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Ends the process by the stop signal, then by KILL. Does not clean up and needs no lock: another call may
 * shorten the wait, and the clean-up of whoever waits goes on meanwhile.
 */
export async function stopProcess(context: Context, id: string, options: StopOptions = {}): Promise<void> {
  const record = await readContainer(context, id);
  await noteStopped(context, record);
  const status = await statusOf(context, record);
  if (!isUp(status)) return;
  const timeoutMs = options.timeoutMs ?? record.stopTimeoutMs;
  if (timeoutMs > 0) {
    await sendSignal(context, record, record.stopSignal);
    await thaw(context, record);
    if (await endsWithin(context, record, timeoutMs, options.signal)) return;
  }
  await sendSignal(context, record, 'KILL');
  await thaw(context, record);
  if (!(await endsWithin(context, record, killWaitMs, options.signal))) {
    if (!isUp(await statusOf(context, record))) throw monitorHangs(record);
    throw new LadingError(
      Code.DeadlineExceeded,
      `container ${record.name} did not end within ${killWaitMs} ms of KILL; a process of it hangs in the kernel`,
    );
  }
}

/** Sends a signal; one that comes too late is no error. */
async function sendSignal(context: Context, record: ContainerRecord, signal: string): Promise<void> {
  try {
    await runtimeOf(context, record).kill(record.id, signal);
  } catch (error) {
    if (isUp(await statusOf(context, record))) throw error;
  }
}

/** A frozen process takes no signal; some runtimes thaw it themselves for KILL. */
async function thaw(context: Context, record: ContainerRecord): Promise<void> {
  if ((await statusOf(context, record)) !== 'paused') return;
  try {
    await runtimeOf(context, record).resume(record.id);
  } catch (error) {
    if ((await statusOf(context, record)) === 'paused') throw error;
  }
}

async function endsWithin(
  context: Context,
  record: ContainerRecord,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const timeout = AbortSignal.timeout(Math.min(timeoutMs, longestTimerMs));
  const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const { run } = record;
  try {
    await runtimeOf(context, record).waitExit(record.id, {
      signal: either,
      ...(run !== undefined && { pid: run.pid }),
      ...(run?.monitorPid !== undefined && { monitorPid: run.monitorPid }),
    });
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) return false;
    // Cleaned up by somebody else meanwhile.
    if (hasCode(error, Code.NotFound)) return true;
    throw error;
  }
}
