// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import { LadingError } from '@lading/errors';
import { isFrozen } from '@lading/linux';
import type { KeptState } from './kept-state.ts';
import { isLive } from './live-process.ts';

const signals: Readonly<Record<string, number>> = constants.signals;

/**
 * Sends a signal to the first process of a container, as `runc kill` does; false when there is no such signal or
 * process, or it is frozen and would not take it.
 *
 * @param word - as the runtime is given it: `TERM`, `SIGTERM` or a number
 */
export function killFirst({ first }: KeptState, word: string): boolean {
  const name = word.toUpperCase();
  const number = /^\d+$/.test(word) ? Number(word) : (signals[name] ?? signals[`SIG${name}`]);
  // 0 is none, and more than the kernel has is refused in the words of the program.
  if (number === undefined || number < 1 || number > 64) return false;
  if (!isLive(first) || isFrozen(first.pid)) return false;
  try {
    return process.kill(first.pid, number);
  } catch (cause) {
    const error = LadingError.from(cause);
    if (error.reason === 'ESRCH') return false;
    throw error;
  }
}
