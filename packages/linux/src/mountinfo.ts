// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

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

/** The mounts that a process sees, oldest first. @see proc_pid_mountinfo(5) */
export function readMounts(pid: number | 'self' = 'self'): readonly MountEntry[] {
  return parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
}

/** True when something is mounted at this very path, which must be absolute and free of symbolic links. */
export function isMountPoint(path: string): boolean {
  return readMounts().some((entry) => entry.target === path);
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
        superOptions: superOptions.split(','),
      };
    });
}

/** The kernel writes blanks and backslashes as three octal digits. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
