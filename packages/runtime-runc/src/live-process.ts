// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';

/** A process that is recognised although its number may be given to another later. */
export interface LiveProcess {
  readonly pid: number;
  /** Start time in the kernel's ticks; without it the number alone counts. */
  readonly startTicks?: string;
}

/** Start time of a live process; undefined when there is none, or only a zombie. */
export function startTicks(pid: number): string | undefined {
  try {
    // Not awaited: the kernel makes it up at once.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses itself.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : undefined;
    // ESRCH: it ended between open and read.
    if (reason === 'ENOENT' || reason === 'ESRCH') return undefined;
    throw LadingError.from(error, Code.Internal);
  }
}

export function isLive(process: LiveProcess): boolean {
  const ticks = startTicks(process.pid);
  return ticks !== undefined && (process.startTicks === undefined || process.startTicks === ticks);
}
