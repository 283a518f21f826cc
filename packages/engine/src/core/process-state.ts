// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { isMissing } from '../state/atomic-file.ts';

/** Id of this boot of the machine. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Whether its control group is frozen, by v1's freezer or v2's events. */
export function isFrozen(pid: number): boolean {
  const groups = readProc(`/proc/${pid}/cgroup`) ?? '';
  const [, freezer] = /^\d+:(?:[^:]*,)?freezer(?:,[^:]*)?:(.*)$/m.exec(groups) ?? [];
  if (freezer !== undefined) {
    return readProc(join('/sys/fs/cgroup/freezer', freezer, 'freezer.state'))?.trim() === 'FROZEN';
  }
  const [, unified] = /^\d+::(.*)$/m.exec(groups) ?? [];
  if (unified === undefined) return false;
  return /^frozen 1$/m.test(readProc(join('/sys/fs/cgroup', unified, 'cgroup.events')) ?? '');
}

function readProc(path: string): string | undefined {
  try {
    // The kernel makes it up at once: there is no disk to wait for.
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ESRCH: it ended between open and read.
    if (isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      return undefined;
    }
    throw LadingError.from(error, Code.Internal);
  }
}
