// SPDX-License-Identifier: Apache-2.0
import type { OnReadOpts, Socket } from 'node:net';
import { createMemoryPool } from './memory-pool.ts';

/** One read of a socket takes as much as there is, up to this. */
const bufferBytes = 256 * 1024;
/** Enough for a reader that gives back some megabytes at a time. */
const mostFree = 32;

/**
 * Memory that sockets read into and readers give back. Without it each read of a socket makes a buffer of its
 * own, and of a fast download some hundred megabytes of them wait for the garbage collector.
 */
export interface ReceiveBuffers {
  /** Option of `net.connect` and `tls.connect`. */
  readonly onread: OnReadOpts;
  /** Takes memory back, to overwrite it. Memory from elsewhere is left alone. */
  release(memory: ArrayBufferLike): void;
}

export function createReceiveBuffers(): ReceiveBuffers {
  const { take, release } = createMemoryPool(bufferBytes, mostFree);
  return {
    release,
    onread: {
      buffer: take,
      callback(this: Socket, length: number, buffer: Uint8Array): boolean {
        if (length > bufferBytes / 2) return this.push(buffer.subarray(0, length));
        // A reader that keeps small chunks, as a slow line gives them, must not keep a whole buffer for each.
        const copy = Buffer.from(buffer.subarray(0, length));
        release(buffer.buffer);
        return this.push(copy);
      },
    },
  };
}
