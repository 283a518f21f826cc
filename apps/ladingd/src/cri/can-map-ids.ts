// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { idMappedMount, openUserNamespace, unmount } from '@lading/linux';

let known: boolean | undefined;

/**
 * Tries once whether this process can make user namespaces and mount a tmpfs, on which the kubelet has secrets, with
 * other ids: root and Linux 6.3 are needed.
 */
export function canMapIds(): boolean {
  known ??= tryMapping();
  return known;
}

function tryMapping(): boolean {
  const folders: string[] = [];
  try {
    const folder = mkdtempSync('/dev/shm/lading-ids-');
    folders.push(folder);
    const [source, target] = [join(folder, 'files'), join(folder, 'seen')];
    for (const path of [source, target]) {
      mkdirSync(path);
      folders.unshift(path);
    }
    const map = [{ containerId: 0, hostId: 1, size: 1 }];
    using userNamespace = openUserNamespace({ uidMap: map, gidMap: map });
    idMappedMount({ source, target, userNamespace });
    unmount(target);
    return true;
  } catch {
    return false;
  } finally {
    for (const path of folders) rmdirSync(path);
  }
}
