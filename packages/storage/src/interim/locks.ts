// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { type FileLock, lockFile } from '@lading/linux';

const stampLength = 64;
let counter = 0n;

/**
 * Marks the data behind a lock as changed. Other processes keep what they have read until these bytes differ: time,
 * a counter, the process id, and chance.
 */
export function stamp(lock: FileLock): void {
  const bytes = randomBytes(stampLength);
  bytes.writeBigUInt64LE(BigInt(Date.now()) * 1_000_000n, 0);
  bytes.writeBigUInt64LE(++counter, 8);
  bytes.writeUInt32LE(process.pid, 16);
  lock.write(bytes);
}

/** Runs a function while holding locks, taken in the order given, which must be the order of the format. */
export async function withLocks<T>(
  paths: readonly (readonly [path: string, mode: 'shared' | 'exclusive'])[],
  signal: AbortSignal | undefined,
  work: (locks: readonly FileLock[]) => Promise<T>,
): Promise<T> {
  const held: FileLock[] = [];
  try {
    for (const [path, mode] of paths)
      held.push(await lockFile(path, { mode, ...(signal === undefined ? {} : { signal }) }));
    return await work(held);
  } finally {
    for (const lock of held.toReversed()) lock.release();
  }
}
