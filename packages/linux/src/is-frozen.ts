// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '@lading/errors';

/**
 * Whether the control group of a process is frozen, by the freezer of version 1 or the events of version 2. False when there
 * is no such process.
 *
 * @example
 * ```ts
 * import { isFrozen } from '@lading/linux';
 *
 * console.log(isFrozen(process.pid)); // → false
 * ```
 */
export function isFrozen(pid: number): boolean {
  const groups = readIfThere(`/proc/${pid}/cgroup`) ?? '';
  const [, freezer] = /^\d+:(?:[^:]*,)?freezer(?:,[^:]*)?:(.*)$/m.exec(groups) ?? [];
  if (freezer !== undefined) {
    return readIfThere(join('/sys/fs/cgroup/freezer', freezer, 'freezer.state'))?.trim() === 'FROZEN';
  }
  const [, unified] = /^\d+::(.*)$/m.exec(groups) ?? [];
  if (unified === undefined) return false;
  return /^frozen 1$/m.test(readIfThere(join('/sys/fs/cgroup', unified, 'cgroup.events')) ?? '');
}

/** Not awaited: the kernel makes it up at once, and there is no disk to wait for. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const error = LadingError.from(cause);
    // ESRCH: it ended between open and read.
    if (error.reason === 'ENOENT' || error.reason === 'ENOTDIR' || error.reason === 'ESRCH') return undefined;
    throw error;
  }
}
