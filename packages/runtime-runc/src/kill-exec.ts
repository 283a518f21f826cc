// SPDX-License-Identifier: Apache-2.0
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import type { ExecFiles } from './exec-files.ts';

const graceMs = 1000;

/** Kills the process, its group, and then the runtime, which may wait for someone else who holds the streams. */
export async function killExec(
  child: ChildProcess,
  ended: Promise<unknown>,
  files: ExecFiles,
): Promise<void> {
  // Either is a fact to go by, not a failure of the killing.
  const gone = ended.then(
    () => true,
    () => true,
  );
  if (isOver(child)) return;
  const pid = await startedPid(child, files);
  // While the runtime has not waited for it, the number is not given to another process.
  if (pid !== undefined && !isOver(child)) for (const target of [-pid, pid]) sendKill(target);
  const timer = Promise.withResolvers<boolean>();
  const handle = setTimeout(() => timer.resolve(false), pid === undefined ? 0 : graceMs);
  const inTime = await Promise.race([gone, timer.promise]);
  clearTimeout(handle);
  if (inTime) return;
  // What it has begun to start ends with it.
  child.kill('SIGKILL');
  await gone;
}

/** A process can be heard before the runtime has written its number: a short wait finds it. */
async function startedPid(child: ChildProcess, files: ExecFiles): Promise<number | undefined> {
  const deadline = Date.now() + graceMs;
  for (;;) {
    const pid = files.pid();
    if (pid !== undefined || isOver(child) || Date.now() > deadline) return pid;
    await sleep(5);
  }
}

function isOver(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const failure = LadingError.from(error, Code.Internal);
    if (failure.reason !== 'ESRCH') throw failure;
  }
}
