// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { crc32 } from 'node:zlib';
import type { CompressedBlock } from './block-compressor.ts';
import { fastLevels } from './deflate/deflate.ts';
import { createFastCompressor } from './deflate-threads.ts';
import type { LayerSource } from './layer-source.ts';
import { createPieces } from './pieces.ts';
import { travellingMemory } from './travelling-memory.ts';
import { createZlibCompressor } from './zlib-compressor.ts';

export interface GzipOptions {
  /** 1 (fast) to 9 (small). */
  readonly level: number;
  /** How many blocks are compressed at once. Does not change the bytes. */
  readonly concurrency?: number | undefined;
  /** About how many bytes will come, where that is known. */
  readonly expectedBytes?: number | undefined;
}

export const gzipBlockBytes: number = 1 << 20;

/** Threads of our own at most, and of Node's pool, unless UV_THREADPOOL_SIZE asks for more; then say so with `concurrency`. */
const poolThreads = 4;

/** An empty last block, with the codes that deflate fixes. */
const lastBlock = Buffer.from([0x03, 0x00]);

/**
 * Gzip on all cores. Each block of 1 MiB is compressed by itself on another thread, and ends on a whole byte: put one
 * after the other they are one stream of deflate, in one gzip member. (To look back over the borders of blocks would
 * save 0.1 %.) Noise is stored as it is. The bytes depend on the input and the level, from 4 on also on the version of
 * zlib in Node.
 */
export function gzipParallel(
  source: LayerSource,
  { level, concurrency = Math.min(availableParallelism(), poolThreads), expectedBytes = 0 }: GzipOptions,
): AsyncGenerator<Uint8Array> & Required<LayerSource> {
  const compressor =
    level <= fastLevels ? createFastCompressor(level, expectedBytes) : createZlibCompressor(level);

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const free: ArrayBuffer[] = [];
    const blocks = createPieces({
      take: () => Buffer.from(free.pop() ?? new ArrayBuffer(gzipBlockBytes)),
    });
    const waiting: Pending[] = [];
    let checksum = 0;
    let sizeBytes = 0;
    async function* finishFirst(): AsyncGenerator<Uint8Array> {
      const [first] = waiting;
      if (first === undefined) return;
      const { bytes, memory } = await first.compressed;
      waiting.shift();
      if (first.isChunk) source.recycle?.(new Uint8Array(memory));
      else free.push(memory);
      yield bytes;
    }
    async function* begin(
      begun: readonly Uint8Array<ArrayBuffer>[],
      isChunk = false,
    ): AsyncGenerator<Uint8Array> {
      for (const block of begun) {
        checksum = crc32(block, checksum);
        const compressed = compressor.compress(block);
        compressed.catch(() => undefined); // told when its turn comes
        waiting.push({ compressed, isChunk });
        // One more than there are threads, so that none waits for the next block.
        if (waiting.length > concurrency) yield* finishFirst();
      }
    }
    try {
      yield headerOf(level);
      for await (const chunk of source) {
        const isNewBlock = sizeBytes % gzipBlockBytes === 0;
        sizeBytes += chunk.length;
        if (isNewBlock && isBlock(chunk)) {
          yield* begin([chunk], true);
          continue;
        }
        blocks.put(chunk);
        source.recycle?.(chunk);
        yield* begin(blocks.taken());
      }
      yield* begin(blocks.rest());
      while (waiting.length > 0) yield* finishFirst();
    } finally {
      await Promise.allSettled(waiting.map(({ compressed }) => compressed)); // nothing goes on in the background
      compressor.close();
    }
    yield Buffer.concat([lastBlock, trailerOf(checksum, sizeBytes)]);
  }

  return Object.assign(chunks(), { recycle: compressor.recycle });
}

interface Pending {
  readonly compressed: Promise<CompressedBlock>;
  /** Whether it is in the memory of a chunk of the source. */
  readonly isChunk: boolean;
}

/** Whether a chunk can be compressed where it is. */
function isBlock(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  const { buffer, length } = chunk;
  return length === gzipBlockBytes && buffer.byteLength === length && travellingMemory.has(buffer);
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
