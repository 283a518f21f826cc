// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants } from 'node:fs';
import { call, callRaw, cString, shown, systemError } from './libc.ts';
import { leaveTheOthers, openFolder, type ThreadRoot } from './thread-root.ts';

const openat2Number = 437;
const resolve = 0x10 | 0x02; // RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS
const pathOnly = 0x20_0000; // O_PATH
const closeOnExec = 0x8_0000; // O_CLOEXEC
const eagain = 11;
const mostTries = 100;
/** Two are needed at a time, for a hard link; more save calls. */
const mostFolders = 16;

/**
 * Opens a folder as a root for this worker thread as `openThreadRoot` does, without CAP_SYS_CHROOT: the kernel walks
 * each path to the folder of its last part with RESOLVE_IN_ROOT, by which no link and no `..` leads out, and the last
 * part is reached through the descriptor of that folder. What is exchanged for a link later is not looked at again.
 *
 * @throws LadingError `failed_precondition` on the main thread; `unimplemented` from `at` on kernels before 5.6
 */
export function openWalkedRoot(path: string): ThreadRoot {
  leaveTheOthers();
  const root = openFolder(path);
  const folders = new Map<string, number>();

  const forget = (): void => {
    for (const fd of folders.values()) closeFolder(fd);
    folders.clear();
  };
  const folderOf = (path: Buffer, slash: number): number => {
    const parent = path.subarray(0, Math.max(1, slash));
    const key = parent.toString('latin1');
    const known = folders.get(key);
    if (known !== undefined) return known;
    const fd = openInside(root, parent);
    if (fd < 0) throw systemError(`openat2 for the folder of ${shown(path)}`, -fd);
    const [oldest] = folders;
    if (folders.size >= mostFolders && oldest !== undefined) {
      folders.delete(oldest[0]);
      closeFolder(oldest[1]);
    }
    folders.set(key, fd);
    return fd;
  };
  return {
    run: (work) => work(),
    at(inner) {
      const slash = inner.lastIndexOf(0x2f);
      const fd = folderOf(inner, slash);
      return Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), inner.subarray(slash + 1)]);
    },
    isFolder(inner) {
      const fd = openInside(root, inner);
      if (fd < 0) return false;
      closeFolder(fd);
      return true;
    },
    forget,
    [Symbol.dispose]() {
      forget();
      closeSync(root);
    },
  };
}

/** Not by `node:fs`, which on a worker thread warns of descriptors that it has not opened. */
function closeFolder(fd: number): void {
  call('a folder', 'close', fd);
}

/** A folder's descriptor, or minus the errno. */
function openInside(root: number, path: Buffer): number {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(pathOnly | closeOnExec | constants.O_DIRECTORY), 0);
  how.writeBigUInt64LE(BigInt(resolve), 16);
  for (let tries = 1; ; tries++) {
    const fd = callRaw('openat2', openat2Number, root, cString(path), how, how.length);
    // Something was renamed meanwhile, and the kernel could not be sure.
    if (fd !== -eagain || tries === mostTries) return fd;
  }
}
