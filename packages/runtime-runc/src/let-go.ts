// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '@lading/linux';
import { exists } from './exit-file.ts';
import type { KeptState } from './kept-state.ts';
import { isLive } from './live-process.ts';
import { runtimeHangs } from './runtime-error.ts';

/** Seldom needed: most are let go in a few milliseconds. */
const lookMs = 50;

/**
 * A process of its own, as runc is: were this one killed between two steps, the container's would lose its reader and die,
 * or run while its FIFO says that it waits.
 */
const script = 'read -r byte < "$0"; test "$byte" = 0 && exec rm -f -- "$0"';
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/**
 * Lets the first process of a container go on, as `runc start` does: it waits until somebody reads what it writes to a
 * FIFO. False when it does not wait there.
 *
 * @throws LadingError `deadline_exceeded` with reason RUNTIME_HANGS when it lives, and does not come to that
 */
export async function letGo(
  { folder, first }: KeptState,
  { id, timeoutMs }: { readonly id: string; readonly timeoutMs: number },
): Promise<boolean> {
  const fifo = join(folder, 'exec.fifo');
  if (!exists(fifo) || !isLive(first)) return false;
  // Not killed for being slow: it may have read already, and then the process runs.
  const signal = AbortSignal.timeout(timeoutMs);
  const look = setInterval(() => {
    if (!isLive(first)) wakeReader(fifo);
  }, lookMs);
  try {
    const { exitCode } = await runProgram('/bin/sh', {
      args: ['-c', script, fifo],
      env,
      limitBytes: 4096,
      signal,
    });
    if (exitCode !== 0 && signal.aborted) throw runtimeHangs({ verb: 'start', id }, timeoutMs);
    return exitCode === 0;
  } finally {
    clearInterval(look);
  }
}

/** One that waits for somebody to open the other end finds it open and empty; what is written there already stays. */
function wakeReader(fifo: string): void {
  try {
    closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    // It has not come to it yet, or is done, or we have no descriptor to spare: this is tried again, and has an end.
  }
}
