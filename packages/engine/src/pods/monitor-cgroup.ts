// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import { removeLimitedCgroup } from '@lading/linux';

/** A monitor ends a moment after it has told of the end of its container. */
const endWaitMs = 5000;

/** Control group of a monitor, beside that of what it watches: a group of groups can have no process itself. */
export function monitorCgroupOf(id: string, cgroupPath: string): string {
  return join(dirname(cgroupPath), `lading-conmon-${id}`);
}

/** Removes it once the monitor has left. Idempotent. @throws FailedPrecondition for a monitor that stays */
export async function removeMonitorCgroup(path: string): Promise<void> {
  const deadline = Date.now() + endWaitMs;
  for (;;) {
    try {
      return await removeLimitedCgroup(path);
    } catch (cause) {
      const failure = LadingError.from(cause);
      if (failure.reason !== 'EBUSY') throw failure;
      if (Date.now() > deadline) {
        throw new LadingError(
          Code.FailedPrecondition,
          `the monitor in the control group ${path} has not ended; see what it waits for, and try again`,
          { reason: 'MONITOR_HANGS', cause },
        );
      }
    }
    await sleep(10);
  }
}
