// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { processCapabilities } from '@lading/linux';

/** What this process may do to files. */
export interface FilePrivileges {
  readonly mayChroot: boolean;
  /** Devices other than whiteouts. In a user namespace nobody may, as with containers/storage they are left out there. */
  readonly mayMakeDevices: boolean;
  /** Extended attributes of the system: `security.*` and `trusted.*`. */
  readonly maySetSystemXattrs: boolean;
}

export function filePrivileges(): FilePrivileges {
  const { effective } = processCapabilities();
  const isWhole = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  return {
    mayChroot: effective.includes('CAP_SYS_CHROOT'),
    mayMakeDevices: isWhole && effective.includes('CAP_MKNOD'),
    maySetSystemXattrs: isWhole && effective.includes('CAP_SYS_ADMIN'),
  };
}
