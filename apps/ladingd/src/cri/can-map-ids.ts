// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
    // Not below /dev/shm: it may be given to a container at this moment.
    const [source, target] = ['/dev/shm', tmpdir()].map((place) => {
      const folder = mkdtempSync(join(place, 'lading-ids-'));
      folders.push(folder);
      return folder;
    });
    if (source === undefined || target === undefined) return false;
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
