// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, hasCode, LadingError } from '@lading/errors';
import type { CallOptions } from './manifests.ts';
import { isAlive } from './process-alive.ts';

const lockName = '.lading-lock';
const firstPauseMs = 2;
const longestPauseMs = 50;
/** What a lock protects takes milliseconds. One this old was left by a machine that went down. */
const oldestMs = 60_000;

/** Changes to one folder wait for each other, within this process. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Changes the index of an OCI image layout while nobody else does it through this function, in this process or in
 * another one: so no entry is lost. The lock is a file beside index.json that is there only meanwhile; one whose
 * process is gone counts for nothing. Other tools do not look at it.
 *
 * @param root the folder of the layout, which must be there
 * @throws Canceled when the signal ends the wait
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { withLayoutLock } from '@lading/registry-client/layout';
 *
 * const root = await mkdtemp(join(tmpdir(), 'lading-example-'));
 * console.log(await withLayoutLock(root, async () => 'changed')); // → changed
 * await rm(root, { recursive: true });
 * ```
 */
export async function withLayoutLock<T>(
  root: string,
  change: () => Promise<T>,
  { signal }: CallOptions = {},
): Promise<T> {
  const locked = async (): Promise<T> => {
    const release = await takeLock(join(root, lockName), signal);
    try {
      return await change();
    } finally {
      await release();
    }
  };
  const mine = (queues.get(root) ?? Promise.resolve()).then(locked, locked); // a failure before is not ours
  queues.set(root, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(root) === mine) queues.delete(root);
  }
}

async function takeLock(path: string, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
  const own = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    if (signal?.aborted) throw LadingError.from(signal.reason, Code.Canceled);
    if (await create(path, own)) return () => rm(path, { force: true });
    if (await isLeft(path)) await removeLeft(path, own);
    else await sleep(pauseMs);
  }
}

/** False when it is there. */
async function create(path: string, text: string): Promise<boolean> {
  try {
    await using file = await open(path, 'wx', 0o644);
    await file.writeFile(text);
    return true;
  } catch (error) {
    if (hasCode(LadingError.from(error), Code.AlreadyExists)) return false;
    throw error;
  }
}

/** Only one process at a time may remove a lock that was left, and looks again: it may be another's by now. */
async function removeLeft(path: string, own: string): Promise<void> {
  const guard = `${path}-left`;
  if (!(await create(guard, own))) {
    if (await isLeft(guard)) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isLeft(path)) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Whether whoever made the lock has gone away without taking it along. */
async function isLeft(path: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const { pid, host } = holderOf(text);
    if (pid === undefined || host !== hostname()) return Date.now() - mtimeMs > oldestMs;
    return !isAlive(pid);
  } catch (error) {
    if (hasCode(LadingError.from(error), Code.NotFound)) return false; // it was given up meanwhile
    throw error;
  }
}

/** Of a lock that is just being written nothing is known yet. */
function holderOf(text: string): { readonly pid?: number; readonly host?: string } {
  try {
    const { pid, host } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return Number.isSafeInteger(pid) && Number(pid) > 0 && typeof host === 'string'
      ? { pid: Number(pid), host }
      : {};
  } catch {
    return {};
  }
}
