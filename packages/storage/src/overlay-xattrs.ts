// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { processCapabilities } from '@lading/linux';

/**
 * Under which names overlay keeps its marks for this process: `user` in a user namespace, where the kernel takes them from
 * mounts with the option `userxattr` alone, and where that option is asked for.
 */
export function overlayXattrsOf(mountOptions: readonly string[]): 'trusted' | 'user' {
  if (mountOptions.includes('userxattr')) return 'user';
  const isWhole = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  return isWhole && processCapabilities().effective.includes('CAP_SYS_ADMIN') ? 'trusted' : 'user';
}
