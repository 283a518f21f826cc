// SPDX-License-Identifier: Apache-2.0

/**
 * Buffers of one size that are used again. A fresh megabyte costs its page faults, and hundreds of them keep the
 * garbage collector busy.
 */
export interface BufferPool {
  take(): Buffer<ArrayBuffer>;
  /** Takes a buffer back, or a part of one that stands for it. False for what is not from here, or is back already. */
  give(part: Uint8Array): boolean;
}

export function createBufferPool(sizeBytes: number): BufferPool {
  const free: Buffer<ArrayBuffer>[] = [];
  // Weak: what a reader never gives back is the garbage collector's.
  const lent = new WeakMap<ArrayBufferLike, Buffer<ArrayBuffer>>();
  return {
    take() {
      const buffer = free.pop() ?? Buffer.allocUnsafeSlow(sizeBytes);
      lent.set(buffer.buffer, buffer);
      return buffer;
    },
    give({ buffer }) {
      const whole = lent.get(buffer);
      if (whole === undefined) return false;
      lent.delete(buffer);
      free.push(whole);
      return true;
    },
  };
}
