// SPDX-License-Identifier: Apache-2.0
import type { OnReadOpts, Socket } from 'node:net';

/** One read of a socket takes as much as there is, up to this. */
const bufferBytes = 128 * 1024;
/** Buffers kept for the next reads; a connection needs two or three at once. */
const mostFree = 16;

/**
 * Memory that sockets read into and readers give back. Without it each read of a socket makes a buffer of its
 * own, and of a fast download some hundred megabytes of them wait for the garbage collector.
 */
export interface ReceiveBuffers {
  /** Option of `net.connect` and `tls.connect`. */
  readonly onread: OnReadOpts;
  /** Gives the memory of a chunk back, which will be overwritten. Memory from elsewhere is left alone. */
  release(chunk: Uint8Array): void;
}

export function createReceiveBuffers(): ReceiveBuffers {
  const free: Buffer[] = [];
  const lent = new WeakMap<ArrayBufferLike, Buffer>();

  function take(): Buffer {
    const buffer = free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
    lent.set(buffer.buffer, buffer);
    return buffer;
  }

  function release({ buffer }: Uint8Array): void {
    const own = lent.get(buffer);
    lent.delete(buffer);
    if (own !== undefined && free.length < mostFree) free.push(own);
  }

  return {
    release,
    onread: {
      buffer: take,
      callback(this: Socket, length: number, buffer: Uint8Array): boolean {
        const chunk = buffer.subarray(0, length);
        if (length > bufferBytes / 2) return this.push(chunk);
        // A reader that keeps small chunks, as a slow line gives them, must not keep a whole buffer for each.
        const copy = Buffer.from(chunk);
        release(buffer);
        return this.push(copy);
      },
    },
  };
}
