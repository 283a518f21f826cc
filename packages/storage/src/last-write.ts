// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from '@lading/linux';

/** Length of what a lock file holds. */
export const lastWriteLength = 64;

let counter = 0n;

/**
 * New content for a lock file, by which other processes see that records have changed: nanoseconds, a counter and the
 * process id, little-endian, then random bytes. Only equality matters.
 */
export function newLastWrite(): Buffer {
  const bytes = Buffer.alloc(lastWriteLength);
  counter += 1n;
  bytes.writeBigUInt64LE(BigInt(Date.now()) * 1_000_000n, 0);
  bytes.writeBigUInt64LE(counter, 8);
  bytes.writeUInt32LE(process.pid, 16);
  randomBytes(lastWriteLength - 20).copy(bytes, 20);
  return bytes;
}
