// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { setXattr } from '@lading/linux';
import type { TarEntry } from './tar-entry.ts';

/**
 * Sets the extended attributes of an entry. Left out are the labels of SELinux, which belong to the machine, and the
 * marks of overlay, with which a hostile layer could show files of other layers under other names.
 */
export function setEntryXattrs(path: Buffer, entry: TarEntry): void {
  for (const [name, value] of entry.xattrs) {
    if (
      name === 'security.selinux' ||
      name.startsWith('trusted.overlay.') ||
      name.startsWith('user.overlay.')
    )
      continue;
    try {
      setXattr(path, name, value);
    } catch (error) {
      // The file system has none of that kind; containers/storage goes on without them too.
      if (!(error instanceof LadingError && (error as LadingError).reason === 'EOPNOTSUPP')) throw error;
    }
  }
}
