// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { readIfThere } from './read-if-there.ts';

/**
 * Whether the control group of a process is frozen, by the freezer of version 1 or the events of version 2. False when
 * there is no such process.
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
