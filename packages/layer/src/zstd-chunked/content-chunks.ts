// SPDX-License-Identifier: Apache-2.0
import { createRollingSum } from './rolling-sum.ts';

/** So many zeros in a row are a chunk of their own, which a reader can make without fetching it. */
const holeBytes = 1024;

/** Content without a border in it is cut here, as chunks are compressed in memory. */
const mostBytes = 8 << 20;

/** Takes the content of one file, and tells where its chunks are. */
export interface ContentChunks {
  push(bytes: Buffer): void;
  end(): void;
}

/** What is told: bytes of a chunk (views that are only good during the call), then its end. */
export interface ChunkListener {
  onBytes(bytes: Uint8Array): void;
  onEnd(isZeros: boolean): void;
}

const zeros = new Uint8Array(64 << 10);

/** The borders are those that containers/storage finds, so that chunks of its layers are found again in ours. */
export function createContentChunks({ onBytes, onEnd }: ChunkListener): ContentChunks {
  const sum = createRollingSum();
  let chunkBytes = 0;
  /** Zeros that were read and not yet told: whether they are a hole is seen at their end. */
  let waiting = 0;
  let isInHole = false;

  const endChunk = (isZeros: boolean): void => {
    if (chunkBytes > 0) onEnd(isZeros);
    chunkBytes = 0;
  };
  const tellZeros = (count: number): void => {
    for (let left = count; left > 0; ) {
      const now = Math.min(left, zeros.length);
      onBytes(zeros.subarray(0, now));
      left -= now;
    }
    chunkBytes += count;
  };
  const tellHole = (): void => {
    endChunk(false);
    sum.passZeros(waiting);
    tellZeros(waiting);
    waiting = 0;
    endChunk(true);
  };
  const endZeros = (): void => {
    if (isInHole || waiting >= holeBytes) {
      tellHole();
      isInHole = false;
      return;
    }
    while (waiting > 0) {
      const count = sum.takeZeros(waiting);
      tellZeros(count);
      waiting -= count;
      if (sum.isAtBorder()) endChunk(false);
    }
  };

  return {
    push(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const zerosEnd = endOfZeros(bytes, at, Math.min(bytes.length, at + mostBytes - waiting));
        waiting += zerosEnd - at;
        at = zerosEnd;
        if (waiting === mostBytes) {
          isInHole = true;
          tellHole();
        }
        if (at === bytes.length || bytes[at] === 0) continue;
        if (waiting > 0 || isInHole) endZeros();
        const count = sum.take(bytes, at, Math.min(bytes.length, at + mostBytes - chunkBytes));
        onBytes(bytes.subarray(at, at + count));
        chunkBytes += count;
        at += count;
        if (sum.isAtBorder() || chunkBytes >= mostBytes) endChunk(false);
      }
    },
    end() {
      if (waiting > 0) endZeros();
      endChunk(false);
    },
  };
}

function endOfZeros(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] === 0) at += 1;
  return at;
}
