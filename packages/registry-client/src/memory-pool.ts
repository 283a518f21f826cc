// SPDX-License-Identifier: Apache-2.0

/** Buffers of one size that are used again when they are given back. */
export interface MemoryPool {
  take(): Buffer;
  /** Takes memory back, to overwrite it. Memory from elsewhere, or given back before, is left alone. */
  release(memory: ArrayBufferLike): void;
}

/** @param mostFree how many buffers wait to be used again at the most */
export function createMemoryPool(bufferBytes: number, mostFree: number): MemoryPool {
  const free: Buffer[] = [];
  const lent = new WeakMap<ArrayBufferLike, Buffer>();
  return {
    take() {
      const buffer = free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
      lent.set(buffer.buffer, buffer);
      return buffer;
    },
    release(memory) {
      const buffer = lent.get(memory);
      if (buffer === undefined) return;
      lent.delete(memory);
      if (free.length < mostFree) free.push(buffer);
    },
  };
}
