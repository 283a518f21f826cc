// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { call, cString, shown } from './libc.ts';
import type { UserNamespace } from './user-namespace.ts';

export interface IdMappedMountRequest {
  readonly source: string;
  readonly target: string;
  /** Files of the source that belong to an id inside belong to the id outside at the target. */
  readonly userNamespace: UserNamespace;
  /** With what is mounted below the source, with its own owners, and with the propagation of the source. Default: the folder alone, private. */
  readonly isWhole?: boolean | undefined;
}

const currentFolder = -100;
const emptyPath = 0x1000;
const recursive = 0x8000;
const cloneTree = 1;
const closeOnExec = 0x80000;
const idMap = 0x10_0000n;
const privatePropagation = 1n << 18n;
const moveEmptyPath = 4;

/**
 * Shows a folder a second time with other owners: open_tree(2), mount_setattr(2) and move_mount(2). Nothing is changed on
 * the disk. Needs Linux 5.12 and a file system that can do it; overlay takes such a folder as a layer from Linux 5.19 on.
 *
 * @throws LadingError with the errno's name as `reason`: `ENOSYS` or `EINVAL` where kernel or file system cannot;
 * `EPERM` for who is not root
 *
 * @example
 * ```ts
 * import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
 * import { idMappedMount, openUserNamespace, unmount } from '@lading/linux';
 *
 * const folder = mkdtempSync('/dev/shm/lading-');
 * for (const name of ['files', 'seen']) mkdirSync(`${folder}/${name}`);
 * const map = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
 * using userNamespace = openUserNamespace({ uidMap: map, gidMap: map });
 * idMappedMount({ source: `${folder}/files`, target: `${folder}/seen`, userNamespace });
 * console.log(statSync(`${folder}/seen`).uid); // → 100000
 * unmount(`${folder}/seen`);
 * rmSync(folder, { recursive: true });
 * ```
 */
export function idMappedMount({ source, target, userNamespace, isWhole }: IdMappedMountRequest): void {
  const part = cloneTree | closeOnExec | (isWhole ? recursive : 0);
  const tree = call(shown(source), 'open_tree', 428, currentFolder, cString(source), part);
  try {
    const attributes = Buffer.alloc(32);
    attributes.writeBigUInt64LE(idMap, 0);
    if (!isWhole) attributes.writeBigUInt64LE(privatePropagation, 16);
    attributes.writeBigUInt64LE(BigInt(userNamespace.fd), 24);
    call(
      `of ids of ${shown(source)}`,
      'mount_setattr',
      442,
      tree,
      cString(''),
      emptyPath,
      attributes,
      attributes.length,
    );
    call(shown(target), 'move_mount', 429, tree, cString(''), currentFolder, cString(target), moveEmptyPath);
  } finally {
    closeSync(tree);
  }
}
