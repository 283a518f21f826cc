// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code, hasCode } from '@lading/errors';
import { lockFile } from '@lading/linux';

/** Locks that hold between processes and between calls of one process. */
export interface Locks {
  /** Runs `task` while nobody else holds `key`. */
  hold<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Undefined when somebody holds it now. */
  tryHold<T>(key: string, task: () => Promise<T>): Promise<{ readonly value: T } | undefined>;
  /** Removes the lock's file. Only while holding it, and when the key will never be used again. */
  forget(key: string): Promise<void>;
}

export function openLocks(folder: string): Locks {
  // Calls of this process queue here: waiting for a file lock of one's own would be polling.
  const queues = new Map<string, Promise<unknown>>();
  const path = (key: string): string => join(folder, `${key}.lock`);
  let isMade = false;

  async function locked<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (!isMade) mkdirSync(folder, { recursive: true, mode: 0o700 });
    isMade = true;
    signal?.throwIfAborted();
    const lock = await lockFile(path(key), { mode: 'exclusive', ...(signal && { signal }) });
    try {
      return await task();
    } finally {
      lock.release();
    }
  }

  async function hold<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = queues.get(key);
    const mine = (before ?? Promise.resolve()).then(
      () => locked(key, task, signal),
      () => locked(key, task, signal),
    );
    queues.set(key, mine);
    try {
      return await mine;
    } finally {
      if (queues.get(key) === mine) queues.delete(key);
    }
  }

  return {
    hold,
    async tryHold(key, task) {
      if (queues.has(key)) return undefined;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const lock = await lockFile(path(key), { mode: 'exclusive', wait: false }).catch(busy);
      if (lock === undefined) return undefined;
      try {
        return { value: await task() };
      } finally {
        lock.release();
      }
    },
    forget: async (key) => rmSync(path(key), { force: true }),
  };
}

function busy(error: unknown): undefined {
  if (hasCode(error, Code.Unavailable)) return undefined;
  throw error;
}
