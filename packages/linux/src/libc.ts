// SPDX-License-Identifier: Apache-2.0
import { getSystemErrorMap } from 'node:util';
import { Code, LadingError } from '@lading/errors';
import { type Koffi, loadKoffi } from './native-koffi.ts';

/**
 * The C functions that this package calls, with their C declarations. fcntl, ioctl and syscall take a variable number of
 * arguments in C; on the two machines that are supported those are passed as any others. Structures are laid out
 * by hand: on these machines they are the same and little-endian.
 */
const declarations = {
  mount:
    'int mount(const void *source, const void *target, const void *type, unsigned long flags, const void *data)',
  umount2: 'int umount2(const void *target, int flags)',
  unshare: 'int unshare(int flags)',
  setns: 'int setns(int fd, int type)',
  sethostname: 'int sethostname(const void *name, size_t length)',
  chroot: 'int chroot(const void *path)',
  umask: 'unsigned int umask(unsigned int mask)',
  fchdir: 'int fchdir(int fd)',
  close: 'int close(int fd)',
  fcntl: 'int fcntl(int fd, int command, void *argument)',
  fcntlNumber: 'int fcntl(int fd, int command, size_t argument)',
  flock: 'int flock(int fd, int operation)',
  pipe2: 'int pipe2(void *fds, int flags)',
  read: 'long read(int fd, void *buffer, size_t size)',
  write: 'long write(int fd, const void *buffer, size_t size)',
  ioctl: 'int ioctl(int fd, unsigned long request, void *argument)',
  lgetxattr: 'long lgetxattr(const void *path, const void *name, void *value, size_t size)',
  lsetxattr: 'int lsetxattr(const void *path, const void *name, const void *value, size_t size, int flags)',
  llistxattr: 'long llistxattr(const void *path, void *list, size_t size)',
  lremovexattr: 'int lremovexattr(const void *path, const void *name)',
  utimensat: 'int utimensat(int fd, const void *path, const void *times, int flags)',
  syncfs: 'int syncfs(int fd)',
  getrandom: 'long getrandom(void *buffer, size_t size, unsigned int flags)',
  quotactl: 'int quotactl(int command, const void *device, int id, void *argument)',
  socket: 'int socket(int domain, int type, int protocol)',
  connect: 'int connect(int fd, const void *address, unsigned int length)',
  recv: 'long recv(int fd, void *buffer, size_t size, int flags)',
  send: 'long send(int fd, const void *buffer, size_t size, int flags)',
  shutdown: 'int shutdown(int fd, int how)',
  // Addresses are numbers here: what clone gets is a function of the C library, never one of this program.
  dlsym: 'size_t dlsym(size_t handle, const void *name)',
  malloc: 'size_t malloc(size_t size)',
  free: 'void free(size_t address)',
  clone: 'int clone(size_t function, size_t stack, int flags, size_t argument)',
  kill: 'int kill(int pid, int signal)',
  _exit: 'void _exit(int status)',
  waitpid: 'int waitpid(int pid, void *status, int options)',
  pidfd_open: 'long syscall(long number, int pid, unsigned int flags)',
  posix_spawn:
    'int posix_spawn(void *pid, const char *path, const void *actions, const void *attributes, const char **args, const char **env)',
  posix_spawn_file_actions_init: 'int posix_spawn_file_actions_init(void *actions)',
  posix_spawn_file_actions_addopen:
    'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, unsigned int mode)',
  posix_spawn_file_actions_adddup2: 'int posix_spawn_file_actions_adddup2(void *actions, int fd, int target)',
  posix_spawn_file_actions_destroy: 'int posix_spawn_file_actions_destroy(void *actions)',
  posix_spawnattr_init: 'int posix_spawnattr_init(void *attributes)',
  posix_spawnattr_setflags: 'int posix_spawnattr_setflags(void *attributes, short flags)',
  posix_spawnattr_setsigdefault: 'int posix_spawnattr_setsigdefault(void *attributes, const void *signals)',
  posix_spawnattr_setsigmask: 'int posix_spawnattr_setsigmask(void *attributes, const void *signals)',
  posix_spawnattr_destroy: 'int posix_spawnattr_destroy(void *attributes)',
  pthread_sigmask: 'int pthread_sigmask(int how, const void *set, void *old)',
  // That of the C library would change all threads.
  setresuid: 'long syscall(long number, int real, unsigned int effective, int saved)',
  mknodat:
    'long syscall(long number, int directory, const void *path, unsigned int mode, unsigned long device)',
  // The C library of older systems has no functions of these names.
  openat2: 'long syscall(long number, int directory, const void *path, const void *how, size_t size)',
  move_mount:
    'long syscall(long number, int fromFd, const void *from, int toFd, const void *to, unsigned int flags)',
  open_tree: 'long syscall(long number, int directory, const void *path, unsigned int flags)',
  mount_setattr:
    'long syscall(long number, int directory, const void *path, unsigned int flags, const void *attributes, size_t size)',
  fsopen: 'long syscall(long number, const void *type, unsigned int flags)',
  fsconfig:
    'long syscall(long number, int fd, unsigned int command, const void *key, const void *value, int aux)',
  fsmount: 'long syscall(long number, int fd, unsigned int flags, unsigned int attributes)',
} as const;

export type FunctionName = keyof typeof declarations;
type Argument = number | bigint | string | Buffer | null | readonly (string | null)[];

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
  const koffi = loadKoffi(import.meta.url);
  // null is the program itself: whatever C library it was linked with, glibc or musl.
  loaded = { koffi, functions: new Map(), library: koffi.load(null) };
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

/** Calls a function that may take long on a thread of its own; gives its result, and cannot tell the errno of a failure. */
export function callAside(name: FunctionName, ...args: Argument[]): Promise<number> {
  return new Promise((resolve, reject) => {
    functionOf(name).async(...args, (error: unknown, result: number) => {
      if (error === null || error === undefined) resolve(Number(result));
      else reject(error);
    });
  });
}

/** Watches a descriptor from Node's own event loop: no thread waits for it. */
export interface Watcher {
  /** Calls back again and again as long as one of these is possible without waiting. */
  start(events: { readonly readable?: boolean; readonly writable?: boolean }, ready: () => void): void;
  stop(): void;
  /** Node may end although it waits. */
  unref(): void;
  /** To be called before the descriptor is closed. */
  close(): void;
}

export function watch(fd: number): Watcher {
  const handle = load().koffi.node.poll(fd, {}, () => {});
  handle.stop();
  return handle;
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

/** @param what the call and what it was for; @param errno above 0 */
export function systemError(what: string, errno: number): LadingError {
  const [reason, meaning] = moreErrors[errno] ?? getSystemErrorMap().get(-errno) ?? [`E${errno}`, 'failed'];
  const { code } = LadingError.from(Object.assign(new Error(meaning), { code: reason }), Code.Internal);
  return new LadingError(code, `${what}: ${meaning} (${reason})`, { reason });
}

/** Errors that these calls give, and that Node's own table lacks or takes for those of sockets. */
const moreErrors: Readonly<Record<number, [name: string, meaning: string]>> = {
  15: ['ENOTBLK', 'no block device'],
  61: ['ENODATA', 'no such attribute'],
  62: ['ETIME', 'time ran out'],
  87: ['EUSERS', 'too many users'],
  95: ['EOPNOTSUPP', 'the file system does not support it'],
  116: ['ESTALE', 'the file handle is stale'],
};

/** How a path stands in a message: on one line, whatever is in it. */
export function shown(path: string | Uint8Array): string {
  const text = typeof path === 'string' ? path : Buffer.from(path).toString();
  return /^[\w./:@+,~-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Text or raw bytes as a C string. @throws LadingError `invalid_argument` for a NUL inside */
export function cString(text: string | Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe((typeof text === 'string' ? Buffer.byteLength(text) : text.length) + 1);
  if (typeof text === 'string') bytes.write(text);
  else bytes.set(text);
  bytes[bytes.length - 1] = 0;
  if (bytes.indexOf(0) < bytes.length - 1)
    throw new LadingError(
      Code.InvalidArgument,
      `a name for the kernel must not hold a NUL: ${JSON.stringify(bytes.toString('utf8', 0, bytes.length - 1))}`,
    );
  return bytes;
}
