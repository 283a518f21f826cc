// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import { call, callAside, callRaw, cString, systemError, watch } from './libc.ts';

/** How {@link spawnProgram} starts a program. */
export interface SpawnOptions {
  /** Without the program's own name. */
  readonly args: readonly string[];
  /** All of its environment; what is undefined is left out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where it starts. Default: where this process is. */
  readonly cwd?: string | undefined;
  /** What it has as its descriptors 0, 1, 2 and so on: one of ours, or `null` for /dev/null. */
  readonly fds: readonly (number | null)[];
}

/** How a program has ended: one of the two. */
export interface ProgramEnd {
  /** 0-255 */
  readonly exitCode: number | null;
  /** Number of the signal that ended it. */
  readonly signal: number | null;
}

/** A program that was started. */
export interface SpawnedProgram {
  /** Also the number of its session and of its group. */
  readonly pid: number;
  readonly ended: Promise<ProgramEnd>;
  /** Lets Node end before the program does. Nothing before Linux 5.3. */
  unref(): void;
}

/** As large as any C library's; each has fewer. */
const structureBytes = 512;
const setSignalDefaults = 0x04; // POSIX_SPAWN_SETSIGDEF
const setSignalMask = 0x08; // POSIX_SPAWN_SETSIGMASK
const setSession = 0x80; // POSIX_SPAWN_SETSID
const readWrite = 2; // O_RDWR
const duplicate = 1030; // F_DUPFD_CLOEXEC
const pidfdOpen = 434;
const signalSetBytes = 128;

/**
 * Starts a program in a session of its own, with signals as they are by default, and no descriptor but those
 * that it is given. Node's own way copies the page tables of the whole process first, which takes some milliseconds
 * in which nothing else can be done; this one borrows them.
 *
 * @param program absolute path
 * @throws LadingError with the errno's name as reason, such as `ENOENT`, when it cannot be started
 * @example
 * ```ts
 * import { spawnProgram } from '@lading/linux';
 *
 * const { ended } = spawnProgram('/bin/sh', { args: ['-c', 'exit 3'], env: {}, fds: [null, null, null] });
 * console.log((await ended).exitCode); // → 3
 * ```
 */
export function spawnProgram(program: string, options: SpawnOptions): SpawnedProgram {
  const [path, ...args] = inFolder(options.cwd, [program, ...options.args]);
  const variables = Object.entries(options.env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  for (const text of [path, ...args, ...variables]) cString(text);
  const pid = Buffer.alloc(4);
  const [actions, attributes] = [Buffer.alloc(structureBytes), Buffer.alloc(structureBytes)];
  const copies: number[] = [];
  // One whose number is also given to another would be gone by its turn.
  const beyond = (fd: number): number => {
    if (fd >= options.fds.length) return fd;
    const copy = call(`for ${program}`, 'fcntlNumber', fd, duplicate, options.fds.length);
    copies.push(copy);
    return copy;
  };
  done('posix_spawn_file_actions_init', actions);
  done('posix_spawnattr_init', attributes);
  try {
    for (const [target, fd] of options.fds.entries()) {
      if (fd === null) {
        done('posix_spawn_file_actions_addopen', actions, target, '/dev/null', readWrite, 0);
      } else {
        done('posix_spawn_file_actions_adddup2', actions, beyond(fd), target);
      }
    }
    // All: Node has some ignored, and the C library its own two otherwise; a program would inherit that.
    done('posix_spawnattr_setsigdefault', attributes, Buffer.alloc(signalSetBytes, 0xff));
    done('posix_spawnattr_setsigmask', attributes, Buffer.alloc(signalSetBytes));
    done('posix_spawnattr_setflags', attributes, setSignalDefaults | setSignalMask | setSession);
    done('posix_spawn', pid, path, actions, attributes, [path, ...args, null], [...variables, null]);
  } finally {
    for (const copy of copies) closeSync(copy);
    done('posix_spawnattr_destroy', attributes);
    done('posix_spawn_file_actions_destroy', actions);
  }
  return watched(pid.readInt32LE());

  function done(name: SpawnFunction, ...values: Parameters<typeof callRaw>[1][]): void {
    const errno = callRaw(name, ...values);
    if (errno !== 0) throw systemError(`start ${program}`, errno);
  }
}

type SpawnFunction = Extract<Parameters<typeof callRaw>[0], `posix_spawn${string}`>;

/** Older C libraries cannot start a program elsewhere. */
function inFolder(
  cwd: string | undefined,
  words: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  return cwd === undefined ? words : ['/bin/sh', '-c', 'cd -- "$0" && exec "$@"', cwd, ...words];
}

function watched(pid: number): SpawnedProgram {
  const fd = callRaw('pidfd_open', pidfdOpen, pid, 0);
  if (fd < 0) return { pid, ended: endAside(pid), unref() {} };
  const watcher = watch(fd);
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    watcher.start({ readable: true }, () => {
      watcher.close();
      closeSync(fd);
      const status = Buffer.alloc(4);
      try {
        call(`for ${pid}`, 'waitpid', pid, status, 0);
        resolve(endOf(pid, status));
      } catch (error) {
        reject(error);
      }
    });
  });
  return { pid, ended, unref: () => watcher.unref() };
}

/** For a kernel before 5.3. */
async function endAside(pid: number): Promise<ProgramEnd> {
  const status = Buffer.alloc(4);
  await callAside('waitpid', pid, status, 0);
  return endOf(pid, status);
}

function endOf(pid: number, status: Buffer): ProgramEnd {
  const word = status.readInt32LE();
  const signal = word & 0x7f;
  if (signal === 0x7f) throw new LadingError(Code.Internal, `process ${pid} was stopped, and is not to be`);
  return signal === 0 ? { exitCode: (word >> 8) & 0xff, signal: null } : { exitCode: null, signal };
}
