// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const usualBytes = 512 * 1024;

/**
 * Reads one file after another into the same memory, as fresh memory costs more than to read: what it gives holds until
 * the next is read.
 */
export function createFileReader(): (path: string) => Buffer {
  let memory = Buffer.alloc(0);
  return (path) => {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      if (memory.length < size) memory = Buffer.allocUnsafeSlow(Math.max(size, usualBytes));
      let filled = 0;
      while (filled < size) {
        const read = readSync(fd, memory, filled, size - filled, null);
        if (read === 0) break;
        filled += read;
      }
      return memory.subarray(0, filled);
    } finally {
      closeSync(fd);
    }
  };
}
