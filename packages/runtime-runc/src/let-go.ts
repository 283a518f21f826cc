// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { runProgram } from '@lading/linux';
import { exists } from './exit-file.ts';
import type { KeptState } from './kept-state.ts';
import { isLive } from './live-process.ts';

/** It waits already; what takes longer is looked at by the program. */
const waitMs = 1000;

/**
 * A process of its own, as runc is: were this one killed between two steps, the container's would lose its reader and die,
 * or run while its FIFO says that it waits.
 */
const script = 'read -r byte < "$0"; test "$byte" = 0 && exec rm -f -- "$0"';
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/**
 * Lets the first process of a container go on, as `runc start` does: it waits until somebody reads what it writes to a
 * FIFO. False when it does not wait there.
 */
export async function letGo({ folder, first }: KeptState): Promise<boolean> {
  const fifo = join(folder, 'exec.fifo');
  if (!exists(fifo) || !isLive(first)) return false;
  const signal = AbortSignal.timeout(waitMs);
  const { exitCode } = await runProgram('/bin/sh', {
    args: ['-c', script, fifo],
    env,
    limitBytes: 4096,
    signal,
  });
  return exitCode === 0;
}
