// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import { callRaw, shown, systemError } from './libc.ts';

/** A lock that is held. */
export interface FileLock extends Disposable {
  readonly fd: number;
  /** The first bytes of the lock file; fewer when it is shorter. */
  read(length: number): Buffer;
  /** Replaces what the lock file holds. */
  write(bytes: Uint8Array): void;
  /** Gives the lock up. Any number of times. */
  release(): void;
}

export interface LockOptions {
  readonly mode: 'shared' | 'exclusive';
  /** False: fail at once when somebody else has it. Default true. */
  readonly wait?: boolean;
  readonly signal?: AbortSignal;
  /**
   * `record` conflicts with the record locks of POSIX and is the default; `flock` with those of flock(2), which know
   * nothing of each other.
   */
  readonly kind?: 'record' | 'flock';
}

const setLock = 37; // F_OFD_SETLK
const readLock = 0;
const writeLock = 1;
const sharedFlock = 1; // LOCK_SH
const exclusiveFlock = 2; // LOCK_EX
const dontWait = 4; // LOCK_NB
const eagain = 11;
const eacces = 13;
const firstPauseMs = 1;
const longestPauseMs = 50;

/**
 * Takes a lock on a whole file, which is made when missing; a shared one also on a read-only file system. It is an open-file-description lock: it conflicts with
 * the POSIX record locks of containers/storage (or, when asked for, with those of flock), it is not lost when the process closes another descriptor of the
 * file, two holders in one process exclude each other, and it ends with the process, however that ends.
 *
 * Waiting is done by asking again with pauses of 1 to 50 ms, because a wait in the kernel would hold a thread and could
 * not be ended. Those who wait are not served in order.
 *
 * @throws LadingError `unavailable` with reason `LOCKED` when it is taken and `wait` is false; `canceled`
 */
export async function lockFile(path: string, options: LockOptions): Promise<FileLock> {
  const { mode, wait = true, signal, kind = 'record' } = options;
  let fd: number;
  try {
    signal?.throwIfAborted();
    fd = openLockFile(path, mode);
  } catch (error) {
    throw LadingError.from(error);
  }
  try {
    for (
      let pauseMs = firstPauseMs;
      !tryLock(fd, path, mode, kind);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    ) {
      if (!wait)
        throw new LadingError(Code.Unavailable, `${shown(path)} is locked by another process or call`, {
          reason: 'LOCKED',
        });
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    closeSync(fd);
    // The reason tells a time limit from another end.
    throw LadingError.from(signal?.aborted ? signal.reason : error);
  }
  let held = true;
  const release = (): void => {
    if (held) closeSync(fd);
    held = false;
  };
  const mustBeHeld = (): void => {
    // The number of the descriptor may be another file's by now.
    if (!held) throw new LadingError(Code.FailedPrecondition, `the lock on ${shown(path)} was given up`);
  };
  return {
    fd,
    read(length) {
      mustBeHeld();
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(fd, bytes, 0, length, 0));
    },
    write(bytes) {
      mustBeHeld();
      writeSync(fd, bytes, 0, bytes.length, 0);
      ftruncateSync(fd, bytes.length);
    },
    release,
    [Symbol.dispose]: release,
  };
}

function openLockFile(path: string, mode: LockOptions['mode']): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  } catch (error) {
    const isReadOnly = error instanceof Error && 'code' in error && error.code === 'EROFS';
    if (mode === 'exclusive' || !isReadOnly) throw error;
    // Who only reads can have the lock on a file that nobody can write.
    return openSync(path, constants.O_RDONLY);
  }
}

function tryLock(fd: number, path: string, mode: LockOptions['mode'], kind: 'record' | 'flock'): boolean {
  const result = kind === 'flock' ? tryFlock(fd, mode) : tryRecordLock(fd, mode);
  if (result >= 0) return true;
  if (result === -eagain || result === -eacces) return false;
  throw systemError(`lock ${shown(path)}`, -result);
}

function tryRecordLock(fd: number, mode: LockOptions['mode']): number {
  const flock = Buffer.alloc(32); // type, whence, start, length, pid: all zero but the type is "the whole file"
  flock.writeInt16LE(mode === 'shared' ? readLock : writeLock, 0);
  return callRaw('fcntl', fd, setLock, flock);
}

function tryFlock(fd: number, mode: LockOptions['mode']): number {
  return callRaw('flock', fd, (mode === 'shared' ? sharedFlock : exclusiveFlock) | dontWait);
}
