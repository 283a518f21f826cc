// SPDX-License-Identifier: Apache-2.0
import { rmSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { processStartTicks } from '@lading/linux';
import { isMissing, temporaryOwner } from './atomic-file.ts';
import { namesIn } from './names-in.ts';

/** How far the clocks of files and of processes may be apart. */
const clocksApartMs = 1000;
const msPerTick = 10;

/** Takes away the files that were being written when their process was killed, of those whose names begin so. */
export async function removeAbandoned(folder: string, begin: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const owner = name.startsWith(begin) ? temporaryOwner(name) : undefined;
    const path = join(folder, name);
    if (owner !== undefined && isAbandoned(path, owner)) rmSync(path, { force: true });
  }
}

/** Whether nobody writes the file any more: the process is gone, or is a later one with the same number. */
function isAbandoned(path: string, owner: number): boolean {
  const ticks = processStartTicks(owner);
  if (ticks === undefined) return true;
  const startedMs = Date.now() - uptime() * 1000 + Number(ticks) * msPerTick;
  try {
    return statSync(path).mtimeMs + clocksApartMs < startedMs;
  } catch (error) {
    if (isMissing(error)) return false; // it was finished
    throw error;
  }
}
