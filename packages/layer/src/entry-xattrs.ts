// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { setXattr } from '@lading/linux';
import type { TarEntry } from './tar-entry.ts';

/**
 * False for the labels of SELinux, which belong to the machine, and the marks of overlay, with which a hostile layer
 * could show files of other layers under other names.
 */
export function isEntryXattr(name: string): boolean {
  return (
    name !== 'security.selinux' && !name.startsWith('trusted.overlay.') && !name.startsWith('user.overlay.')
  );
}

/**
 * Sets the extended attributes of an entry that {@link isEntryXattr} lets through.
 *
 * @param maySetAll false where the kernel refuses those of the system: they are left out there, as by containers/storage
 */
export function setEntryXattrs(path: Buffer, entry: TarEntry, maySetAll: boolean): void {
  for (const [name, value] of entry.xattrs) {
    if (!isEntryXattr(name)) continue;
    try {
      setXattr(path, name, value);
    } catch (error) {
      const reason = error instanceof LadingError ? (error as LadingError).reason : undefined;
      // The file system has none of that kind; containers/storage goes on without them too.
      if (reason === 'EOPNOTSUPP' || (!maySetAll && reason === 'EPERM')) continue;
      throw error;
    }
  }
}
