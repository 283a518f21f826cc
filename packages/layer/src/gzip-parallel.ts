// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { crc32 } from 'node:zlib';
import { createBufferPool } from './buffer-pool.ts';
import { createDeflateLane, type DeflateLane } from './deflate-lane.ts';
import { inBlocks } from './in-blocks.ts';
import type { LayerSource } from './layer-source.ts';
import { cutAtNoise } from './noise.ts';
import { createPieces } from './pieces.ts';
import { storedBlocks } from './stored-blocks.ts';

export interface GzipOptions {
  /** 1 (fast) to 9 (small). */
  readonly level: number;
  /** How many blocks are compressed at once. Does not change the bytes. */
  readonly concurrency?: number | undefined;
}

export const gzipBlockBytes: number = 1 << 20;

/** What is given on: a socket or a file takes it in one call. */
const pieceBytes = 256 << 10;

/** Threads of Node's pool, unless UV_THREADPOOL_SIZE asks for more; then say so with `concurrency`. */
const poolThreads = 4;

/** An empty last block, with the codes that deflate fixes. */
const lastBlock = Buffer.from([0x03, 0x00]);

/** A block while it is compressed. */
interface Pending {
  readonly block: Uint8Array;
  readonly lane: DeflateLane;
  readonly parts: Promise<readonly Uint8Array[]>;
}

/**
 * Gzip on all cores. Each block of 1 MiB is compressed by itself on the thread pool, and ends on a whole byte: put one
 * after the other they are one stream of deflate, in one gzip member. (To look back over the borders of blocks would
 * save 0.1 %.) Noise is stored as it is. The bytes depend on the input, the level and the version of zlib in Node.
 */
export function gzipParallel(
  source: LayerSource,
  { level, concurrency = Math.min(availableParallelism(), poolThreads) }: GzipOptions,
): AsyncGenerator<Uint8Array> & Required<LayerSource> {
  const blocks = createBufferPool(gzipBlockBytes);
  const output = createBufferPool(pieceBytes);

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const pieces = createPieces(output);
    const lanes: DeflateLane[] = [];
    const newLane = (): DeflateLane => {
      const lane = createDeflateLane(level);
      lanes.push(lane);
      return lane;
    };
    const waiting: Pending[] = [];
    let idle: DeflateLane | undefined;
    let checksum = 0;
    let sizeBytes = 0;
    async function* finishFirst(): AsyncGenerator<Uint8Array> {
      const first = waiting.shift();
      if (first === undefined) return;
      for (const part of await first.parts) pieces.put(part);
      if (!blocks.give(first.block)) source.recycle?.(first.block);
      idle = first.lane;
      yield* pieces.taken();
    }
    try {
      pieces.put(headerOf(level));
      for await (const block of inBlocks(source, blocks, gzipBlockBytes)) {
        checksum = crc32(block, checksum);
        sizeBytes += block.length;
        const lane = idle ?? newLane();
        idle = undefined;
        const parts = compressBlock(block, lane);
        parts.catch(() => undefined); // told when its turn comes
        waiting.push({ block, lane, parts });
        // One more than there are threads, so that none waits for the next block.
        if (waiting.length > concurrency) yield* finishFirst();
      }
      while (waiting.length > 0) yield* finishFirst();
    } finally {
      await Promise.allSettled(waiting.map(({ parts }) => parts)); // nothing goes on in the background
      for (const lane of lanes) lane.close();
    }
    pieces.put(lastBlock);
    pieces.put(trailerOf(checksum, sizeBytes));
    yield* pieces.rest();
  }

  return Object.assign(chunks(), { recycle: output.give });
}

async function compressBlock(block: Uint8Array, lane: DeflateLane): Promise<readonly Uint8Array[]> {
  const parts = cutAtNoise(block).map(({ isNoise, bytes }) =>
    isNoise ? storedBlocks(bytes) : lane.compress(bytes),
  );
  return (await Promise.all(parts)).flat();
}

/** @see RFC 1952, 2.3: no name, no time, and 255 for the operating system, as Go's writers have it. */
function headerOf(level: number): Buffer {
  const effort = level === 9 ? 2 : level === 1 ? 4 : 0;
  return Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, effort, 255]);
}

function trailerOf(checksum: number, sizeBytes: number): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(sizeBytes % 2 ** 32, 4);
  return trailer;
}
