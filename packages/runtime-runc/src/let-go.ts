// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LadingError } from '@lading/errors';
import type { KeptState } from './kept-state.ts';
import { isLive } from './live-process.ts';

/** It waits already; what takes longer is looked at by the program. */
const waitMs = 1000;

/**
 * Lets the first process of a container go on, as `runc start` does: it waits until somebody reads what it writes to a
 * FIFO. False when it does not wait there.
 */
export async function letGo({ folder, first }: KeptState): Promise<boolean> {
  const path = join(folder, 'exec.fifo');
  const fd = openFifo(path);
  if (fd === undefined) return false;
  try {
    for (const deadline = Date.now() + waitMs; Date.now() < deadline; await sleep(1)) {
      // What it wrote stays when it has ended since.
      const lives = isLive(first);
      if (readsByte(fd)) {
        rmSync(path);
        return true;
      }
      if (!lives) return false;
    }
    return false;
  } finally {
    closeSync(fd);
  }
}

/** Not blocking: nobody might come. */
function openFifo(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const error = LadingError.from(cause);
    if (error.reason === 'ENOENT') return undefined;
    throw error;
  }
}

function readsByte(fd: number): boolean {
  try {
    return readSync(fd, Buffer.alloc(1)) > 0;
  } catch (cause) {
    const error = LadingError.from(cause);
    // It has opened, and not written yet.
    if (error.reason === 'EAGAIN') return false;
    throw error;
  }
}
