// SPDX-License-Identifier: Apache-2.0
import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';

/** A line of /proc/PID/mountinfo. */
export interface MountEntry {
  readonly id: number;
  readonly parentId: number;
  /** Folder of the file system that is the mount's root. */
  readonly root: string;
  readonly target: string;
  readonly options: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** The mounts that a process sees, oldest first. @see proc_pid_mountinfo(5) @throws LadingError `not_found` when there is no such process */
export function readMounts(pid: number | 'self' = 'self'): readonly MountEntry[] {
  return parseMountInfo(attempt(() => readFileSync(`/proc/${pid}/mountinfo`, 'utf8')));
}

/**
 * True when something is mounted at this very path: links in its folder are followed, the last name is not.
 * False also when there is no such path.
 */
export function isMountPoint(path: string): boolean {
  let place: string;
  try {
    place = join(
      attempt(() => realpathSync(dirname(path))),
      basename(path),
    );
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return false;
    throw error;
  }
  return readMounts().some((entry) => entry.target === place);
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw LadingError.from(error, Code.Internal);
  }
}

export function parseMountInfo(text: string): readonly MountEntry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.split(' ');
      const separator = fields.indexOf('-', 6);
      const [id = '', parentId = '', , root = '', target = '', options = ''] = fields;
      const [type = '', source = '', superOptions = ''] = fields.slice(separator + 1);
      return {
        id: Number(id),
        parentId: Number(parentId),
        root: unescaped(root),
        target: unescaped(target),
        options: options.split(','),
        type,
        source: unescaped(source),
        superOptions: unescaped(superOptions).split(','),
      };
    });
}

/** The kernel writes blanks and backslashes as three octal digits. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
