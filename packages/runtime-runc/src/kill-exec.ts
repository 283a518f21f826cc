// SPDX-License-Identifier: Apache-2.0
import type { ExecFiles } from './exec-files.ts';
import type { ExecProcess } from './exec-process.ts';
import { sendSignal } from './send-signal.ts';

const graceMs = 1000;

/** Kills the process, its group, and then the runtime, which may wait for someone else who holds the streams. */
export async function killExec(process: ExecProcess, files: ExecFiles): Promise<void> {
  if (process.isOver()) return;
  // Either is a fact to go by, not a failure of the killing.
  const gone = process.ended.then(
    () => true,
    () => true,
  );
  const pid = await startedPid(process, files);
  // While the runtime has not waited for it, the number is not given to another process.
  if (pid !== undefined && !process.isOver()) for (const target of [-pid, pid]) sendSignal(target, 'SIGKILL');
  const timer = Promise.withResolvers<boolean>();
  const handle = setTimeout(() => timer.resolve(false), pid === undefined ? 0 : graceMs);
  const inTime = await Promise.race([gone, timer.promise]);
  clearTimeout(handle);
  if (inTime) return;
  // What it has begun to start ends with it.
  process.kill('SIGKILL');
  await gone;
}

/** A process can be heard before the runtime has written its number: a short wait finds it. */
async function startedPid(process: ExecProcess, files: ExecFiles): Promise<number | undefined> {
  const deadline = Date.now() + graceMs;
  for (;;) {
    const pid = files.pid();
    if (pid !== undefined || process.isOver() || Date.now() > deadline) return pid;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
