// SPDX-License-Identifier: Apache-2.0
import { readIfThere } from './read-if-there.ts';

/**
 * When a live process was started, in the kernel's ticks since the machine was (`starttime` of proc_pid_stat(5)); with
 * its number it tells the process from a later one of the same number. Undefined when there is none, or only a zombie.
 *
 * @example
 * ```ts
 * import { processStartTicks } from '@lading/linux';
 *
 * console.log(Number(processStartTicks(process.pid)) > 0, processStartTicks(2 ** 30)); // → true undefined
 * ```
 */
export function processStartTicks(pid: number): string | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}
