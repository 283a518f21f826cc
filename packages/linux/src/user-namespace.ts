// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { call, callRaw, cString } from './libc.ts';

/** A range of ids: `containerId` and those above it inside stand for `hostId` and those above it outside. */
export interface IdRange {
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
}

export interface UserNamespaceMaps {
  readonly uidMap: readonly IdRange[];
  readonly gidMap: readonly IdRange[];
}

/** A user namespace that no process is in; it ends when it is disposed of and no mount uses it. */
export interface UserNamespace extends Disposable {
  readonly fd: number;
}

const newUser = 0x1000_0000;
const shareMemory = 0x100;
const waitForAny = 0x4000_0000;
const setMask = 2;
const stackBytes = 65_536;
const seconds = 5;

/**
 * Makes a user namespace with these maps, in less than a millisecond and without starting a program: a process that
 * only sleeps, in the C library, is in it until the maps are written; should this one be killed meanwhile, the sleep ends.
 *
 * @throws LadingError `invalid_argument` for maps that the kernel does not take; `permission_denied` for who is not root
 *
 * @example
 * ```ts
 * import { openUserNamespace } from '@lading/linux';
 *
 * const map = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
 * using namespace = openUserNamespace({ uidMap: map, gidMap: map });
 * console.log(namespace.fd > 2); // → true
 * ```
 */
export function openUserNamespace(maps: UserNamespaceMaps): UserNamespace {
  const fd = inNewUserNamespace(maps, 0, (pid) => openSync(`/proc/${pid}/ns/user`, 'r'));
  let isOpen = true;
  return {
    fd,
    [Symbol.dispose]() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

/**
 * Calls a function while a process is in a new user namespace.
 *
 * @param others flags of more namespaces, which belong to the new one
 */
export function inNewUserNamespace<T>(
  { uidMap, gidMap }: UserNamespaceMaps,
  others: number,
  work: (pid: number) => T,
): T {
  const sleep = callRaw('dlsym', 0, cString('sleep'));
  const stack = callRaw('malloc', stackBytes);
  // A handler of this process must never run in the other one, which shares its memory.
  const [all, before] = [Buffer.alloc(128, 0xff), Buffer.alloc(128)];
  callRaw('pthread_sigmask', setMask, all, before);
  let pid: number;
  try {
    pid = call(
      'for a user namespace',
      'clone',
      sleep,
      stack + stackBytes - 64,
      newUser | others | shareMemory,
      seconds,
    );
  } catch (error) {
    callRaw('free', stack);
    throw error;
  } finally {
    callRaw('pthread_sigmask', setMask, before, null);
  }
  try {
    writeMap(`/proc/${pid}/uid_map`, uidMap);
    writeMap(`/proc/${pid}/gid_map`, gidMap);
    return work(pid);
  } finally {
    callRaw('kill', pid, 9);
    callRaw('waitpid', pid, null, waitForAny);
    callRaw('free', stack);
  }
}

function writeMap(path: string, map: readonly IdRange[]): void {
  const lines = map.map(({ containerId, hostId, size }) => `${containerId} ${hostId} ${size}\n`).join('');
  try {
    writeFileSync(path, lines);
  } catch (error) {
    const { code, reason } = LadingError.from(error);
    if (reason !== 'EINVAL') throw LadingError.from(error);
    throw new LadingError(
      Code.InvalidArgument,
      `the kernel does not take the id map ${JSON.stringify(lines.slice(0, 200))}: ranges must not overlap, or be more than 340`,
      { reason, details: { code } },
    );
  }
}
