// SPDX-License-Identifier: Apache-2.0
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import { call, shown } from './libc.ts';
import { setInterfaceUp } from './loopback.ts';
import { mount, unmount } from './mount.ts';
import { sysctlPath } from './sysctl.ts';
import { inNewUserNamespace, type UserNamespaceMaps } from './user-namespace.ts';

/** Kinds that can be pinned: they do not depend on the process tree. */
export type PinnableNamespace = 'net' | 'ipc' | 'uts';

const kindFlags = { net: 0x40000000, ipc: 0x08000000, uts: 0x04000000 } as const;

export interface PinOptions {
  /** Set inside a new uts namespace. */
  readonly hostname?: string;
  /** Written inside the new namespaces, by their dotted names. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** The new namespaces belong to a new user namespace with these ids, which is pinned on `<dir>/user`. */
  readonly idMaps?: UserNamespaceMaps | undefined;
}

/**
 * Makes new namespaces and pins each by a bind mount on `<dir>/<kind>`, where they live until unpinned. A new
 * network namespace has lo up. Everything happens on the calling thread without a pause, which is back in its own
 * namespaces at the end; call it on the main thread, so that no other thread can be started in between.
 *
 * @returns the path of each kind
 */
export function pinNamespaces<Kind extends PinnableNamespace>(
  dir: string,
  kinds: readonly Kind[],
  options: PinOptions = {},
): Record<Kind, string> {
  const sysctls = Object.entries(options.sysctls ?? {}).map(
    ([name, value]) => [sysctlPath(name, kinds), value] as const,
  );
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const paths = Object.fromEntries(kinds.map((kind) => [kind, join(dir, kind)])) as Record<Kind, string>;
  const made: string[] = [];
  const pin = (path: string, source: string): void => {
    pinAt(path, source);
    made.push(path);
  };
  const flags = kinds.reduce((all, kind) => all | kindFlags[kind], 0);
  const { hostname, idMaps } = options;
  try {
    inOwn(kinds, () => {
      if (idMaps === undefined) {
        call('for new namespaces', 'unshare', flags);
        for (const kind of kinds) pin(paths[kind], `/proc/thread-self/ns/${kind}`);
      } else {
        inNewUserNamespace(idMaps, flags, (pid) => {
          for (const kind of ['user', ...kinds]) pin(join(dir, kind), `/proc/${pid}/ns/${kind}`);
        });
        for (const kind of kinds) enter(paths[kind], kind);
      }
      if (hostname !== undefined && kinds.some((kind) => kind === 'uts')) {
        const name = Buffer.from(hostname);
        call(hostname, 'sethostname', name, name.length);
      }
      if (kinds.some((kind) => kind === 'net')) setInterfaceUp('lo');
      const owner = idMaps?.uidMap.find(({ containerId }) => containerId === 0)?.hostId ?? 0;
      for (const [path, value] of sysctls) writeSysctl(path, value, owner);
    });
  } catch (error) {
    for (const path of made) unpinNamespace(path);
    throw LadingError.from(error);
  }
  return paths;
}

/** A new network namespace with lo up, pinned on a file that must not exist yet. */
export function pinNetworkNamespace(path: string): void {
  const dir = join(path, '..');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  inOwn(['net'], () => {
    call('for a new network namespace', 'unshare', kindFlags.net);
    setInterfaceUp('lo');
    pinAt(path, '/proc/thread-self/ns/net');
  });
}

/** Pins the network namespace that a process is in, on a file that must not exist yet. */
export function pinNetworkNamespaceOf(pid: number, path: string): void {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  try {
    pinAt(path, `/proc/${pid}/ns/net`);
  } catch (error) {
    throw LadingError.from(error);
  }
}

/** Binds a namespace to a file that is made for it. */
function pinAt(path: string, source: string): void {
  writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  try {
    mount({ source, target: path, flags: ['bind'] });
  } catch (error) {
    rmSync(path);
    throw error;
  }
}

/** Gives a pinned namespace up. Any number of times. */
export function unpinNamespace(path: string): void {
  try {
    unmount(path, { lazy: true });
  } catch (error) {
    // Not mounted any more, or the file is gone.
    if (!hasCode(error, Code.InvalidArgument) && !hasCode(error, Code.NotFound)) throw error;
  }
  rmSync(path, { force: true });
}

/** Runs a function in a network namespace; it must not be async, because the thread comes back when it returns. */
export function inNetworkNamespace<T>(path: string, work: () => T): T {
  return inOwn(['net'], () => {
    enter(path, 'net');
    return work();
  });
}

/** Those of an ipc namespace are for the root of its user namespace alone, whatever else this process may do. */
function writeSysctl(path: string, value: string, owner: number): void {
  try {
    writeFileSync(path, value);
  } catch (error) {
    if (owner === 0 || LadingError.from(error).code !== Code.PermissionDenied) throw error;
    asUser(owner, () => writeFileSync(path, value));
  }
}

function asUser(uid: number, work: () => void): void {
  const [number, same] = [process.arch === 'x64' ? 117 : 147, -1];
  call(`for user ${uid}`, 'setresuid', number, same, uid, same);
  try {
    work();
  } finally {
    call('back', 'setresuid', number, same, 0, same);
  }
}

function enter(path: string, kind: PinnableNamespace): void {
  const fd = openSync(path, 'r');
  try {
    call(shown(path), 'setns', fd, kindFlags[kind]);
  } finally {
    closeSync(fd);
  }
}

/** Sets lo up in a pinned network namespace. */
export function bringUpLoopback(path: string): void {
  inNetworkNamespace(path, () => setInterfaceUp('lo'));
}

/** Whatever the work does to these namespaces of the thread, it is in its former ones afterwards. */
function inOwn<T>(kinds: readonly PinnableNamespace[], work: () => T): T {
  const own: (readonly [PinnableNamespace, number])[] = [];
  try {
    for (const kind of kinds) own.push([kind, openSync(`/proc/thread-self/ns/${kind}`, 'r')]);
    return work();
  } catch (error) {
    throw LadingError.from(error, Code.Internal);
  } finally {
    goBack(own);
  }
}

function goBack(own: readonly (readonly [PinnableNamespace, number])[]): void {
  const failures: unknown[] = [];
  for (const [kind, fd] of own) {
    try {
      call(`back into the ${kind} namespace`, 'setns', fd, kindFlags[kind]);
    } catch (error) {
      failures.push(error); // the others must be gone back into all the same
    }
    closeSync(fd);
  }
  if (failures.length > 0) throw failures[0];
}
