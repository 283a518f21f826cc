// SPDX-License-Identifier: Apache-2.0
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';

const compress = promisify(zstdCompress);

/** Zstandard frames that are compressed side by side, and come out in their order. */
export interface Frames {
  /** Adds to the frame that is open. The bytes are copied. */
  add(bytes: Uint8Array): void;
  /** Begins another frame, unless nothing is in the one that is open. Gives the position of the frame that follows. */
  cut(): number;
  /** Compressed frames: those that more than enough others wait behind, or all. */
  take(all: boolean): AsyncGenerator<Buffer>;
  /** Where a frame begins among the compressed bytes; known once those before it have been taken. */
  offsetOf(position: number): number;
  /** Waits until nothing goes on in the background. */
  settled(): Promise<void>;
}

export function createFrames(level: number, concurrency: number): Frames {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  const waiting: Promise<Buffer>[] = [];
  const offsets = [0];
  let parts: Uint8Array[] = [];
  let begun = 0;

  return {
    add(bytes) {
      if (bytes.length > 0) parts.push(Buffer.from(bytes));
    },
    cut() {
      if (parts.length === 0) return begun;
      const compressed = compress(Buffer.concat(parts), { params });
      compressed.catch(() => undefined); // told when its turn comes
      waiting.push(compressed);
      parts = [];
      begun += 1;
      return begun;
    },
    async *take(all) {
      while (waiting.length > (all ? 0 : concurrency)) {
        const frame = await (waiting.shift() as Promise<Buffer>);
        offsets.push((offsets.at(-1) ?? 0) + frame.length);
        yield frame;
      }
    },
    offsetOf: (position) => offsets[position] ?? 0,
    async settled() {
      await Promise.allSettled(waiting);
    },
  };
}
