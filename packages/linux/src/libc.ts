// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import { Code, LadingError } from '@lading/errors';

type Koffi = typeof import('koffi');

/** The C functions that this package calls, with their C declarations. */
const declarations = {
  mount:
    'int mount(const void *source, const void *target, const void *type, unsigned long flags, const void *data)',
  umount2: 'int umount2(const void *target, int flags)',
  unshare: 'int unshare(int flags)',
  setns: 'int setns(int fd, int type)',
  sethostname: 'int sethostname(const void *name, size_t length)',
  chroot: 'int chroot(const void *path)',
  chdir: 'int chdir(const void *path)',
  fcntl: 'int fcntl(int fd, int command, void *argument)',
  ioctl: 'int ioctl(int fd, unsigned long request, void *argument)',
  lgetxattr: 'long lgetxattr(const void *path, const void *name, void *value, size_t size)',
  lsetxattr: 'int lsetxattr(const void *path, const void *name, const void *value, size_t size, int flags)',
  llistxattr: 'long llistxattr(const void *path, void *list, size_t size)',
  lremovexattr: 'int lremovexattr(const void *path, const void *name)',
  mknod: 'int mknod(const void *path, unsigned int mode, unsigned long device)',
  utimensat: 'int utimensat(int fd, const void *path, const void *times, int flags)',
  socket: 'int socket(int domain, int type, int protocol)',
  connect: 'int connect(int fd, const void *address, unsigned int length)',
  recv: 'long recv(int fd, void *buffer, size_t size, int flags)',
  send: 'long send(int fd, const void *buffer, size_t size, int flags)',
  shutdown: 'int shutdown(int fd, int how)',
  prlimit64: 'int prlimit64(int pid, int resource, const void *set, void *get)',
} as const;

export type FunctionName = keyof typeof declarations;
type Argument = number | bigint | Buffer | null;

interface Loaded {
  readonly koffi: Koffi;
  readonly functions: Map<FunctionName, ReturnType<ReturnType<Koffi['load']>['func']>>;
  readonly library: ReturnType<Koffi['load']>;
}

let loaded: Loaded | undefined;

/** koffi is loaded at the first call: a program that makes none should not pay for it. */
function load(): Loaded {
  if (loaded !== undefined) return loaded;
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) {
    throw new LadingError(
      Code.Unimplemented,
      `system calls need Linux on x64 or arm64; this is ${process.platform} ${process.arch}`,
    );
  }
  const koffi: Koffi = createRequire(import.meta.url)('koffi');
  loaded = { koffi, functions: new Map(), library: koffi.load('libc.so.6') };
  return loaded;
}

function functionOf(name: FunctionName): ReturnType<Loaded['library']['func']> {
  const { functions, library } = load();
  let found = functions.get(name);
  if (found === undefined) {
    found = library.func(declarations[name]);
    functions.set(name, found);
  }
  return found;
}

/** Calls a function; gives its result, or minus the errno when it failed. */
export function callRaw(name: FunctionName, ...args: Argument[]): number {
  const result = Number(functionOf(name)(...args));
  return result === -1 ? -load().koffi.errno() : result;
}

/** The same on a thread of the pool, for calls that wait. */
export function callWaiting(name: FunctionName, ...args: Argument[]): Promise<number> {
  const called = functionOf(name);
  const { koffi } = load();
  return new Promise((resolve, reject) => {
    called.async(...args, (error: Error | null, result: number | bigint) => {
      if (error) reject(error);
      else resolve(Number(result) === -1 ? -koffi.errno() : Number(result));
    });
  });
}

/**
 * Calls a function and throws what it fails with.
 *
 * @throws LadingError with the errno's name as `reason` and a message that names the call and `what` it was for
 */
export function call(what: string, name: FunctionName, ...args: Argument[]): number {
  const result = callRaw(name, ...args);
  if (result < 0) throw systemError(`${name} ${what}`, -result);
  return result;
}

export function systemError(what: string, errno: number): LadingError {
  const reason = getSystemErrorName(-errno);
  const cause = Object.assign(new Error(`${what}: ${reason}`), { code: reason, errno: -errno });
  return LadingError.from(cause);
}

/** Text or raw bytes as a C string. @throws LadingError `invalid_argument` for a NUL inside */
export function cString(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.includes(0))
    throw new LadingError(
      Code.InvalidArgument,
      `a path must not hold a NUL: ${JSON.stringify(bytes.toString())}`,
    );
  return Buffer.concat([bytes, Buffer.alloc(1)]);
}
