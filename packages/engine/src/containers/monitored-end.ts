// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Context, knownRuntime, runtimeOf } from '../core/context.ts';
import type { ContainerRecord } from '../types/containers.ts';
import type { ExitStatus } from '../types/exit-status.ts';
import { unseenEnd } from './status.ts';

/** A monitor syncs the log before it writes the end, to a disk that may be busy. */
const endWaitMs = 15_000;

/**
 * How the last run of a container ended, of which no process lives; waits while its monitor still writes it.
 *
 * @throws LadingError `deadline_exceeded` with reason MONITOR_HANGS when that does not come to it
 */
export async function endOf(context: Context, record: ContainerRecord): Promise<ExitStatus> {
  if (record.exit !== undefined && record.run === undefined) return record.exit;
  const { run } = record;
  const seen = await knownRuntime(context, record)?.exitStatus(record.id);
  if (seen !== undefined) return seen;
  if (run === undefined || run.bootId !== context.bootId) {
    return unseenEnd(context);
  }
  const timeout = AbortSignal.timeout(endWaitMs);
  try {
    return await runtimeOf(context, record).waitExit(record.id, {
      pid: run.pid,
      ...(run.monitorPid !== undefined && { monitorPid: run.monitorPid }),
      signal: timeout,
    });
  } catch (error) {
    // What the runtime knew of it is lost.
    if (hasCode(error, Code.NotFound)) return unseenEnd(context);
    throw timeout.aborted ? monitorHangs(record) : error;
  }
}

/**
 * A monitor that has started this process waits for it. Whoever holds the container's lock may wait for that monitor: so it
 * must be known before that lock is asked for how the container ended, also when the monitor could not write it.
 */
export async function settleOwnMonitor(context: Context, record: ContainerRecord): Promise<void> {
  if (record.run?.monitorPid === process.ppid) await endOf(context, record);
}

/** Not ended by us: it may only wait for a disk, and the exit code would be lost with it. */
export function monitorHangs({ name, run }: ContainerRecord): LadingError {
  const pid = run?.monitorPid ?? 0;
  const monitor = pid === 0 ? 'its monitor' : `its monitor, process ${pid},`;
  const remedy = pid === 0 ? 'end it' : `end it with "kill -9 ${pid}"`;
  return new LadingError(
    Code.DeadlineExceeded,
    `container ${name} has ended, but ${monitor} does not say how; ${remedy} if it hangs, and try again`,
    { reason: 'MONITOR_HANGS' },
  );
}
