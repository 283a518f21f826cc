// SPDX-License-Identifier: Apache-2.0
import { processStartTicks } from '@lading/linux';

/** A process that is recognised although its number may be given to another later. */
export interface LiveProcess {
  readonly pid: number;
  /** Start time in the kernel's ticks; without it the number alone counts. */
  readonly startTicks?: string;
}

export function isLive(process: LiveProcess): boolean {
  const ticks = processStartTicks(process.pid);
  return ticks !== undefined && (process.startTicks === undefined || process.startTicks === ticks);
}
