// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { requireValue } from './key-value.ts';

/** What namespaces have for themselves; the rest is the whole machine's. */
const own =
  /^(net|fs[./]mqueue)[./].|^kernel[./](msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced|domainname)$/;

export function parseSysctl(text: string): readonly [string, string] {
  const [name, value] = requireValue('sysctl', text);
  if (own.test(name)) return [name, value];
  throw usageError(
    `sysctl '${name}' is not allowed: a container has only net.*, fs.mqueue.* and the kernel.* of IPC for itself`,
  );
}
