// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import type { LadingError } from '@lading/errors';
import type { BlockCompressor, CompressedBlock } from './block-compressor.ts';
import { createDeflate, mostDeflated } from './deflate/deflate.ts';
import type { FromDeflater, ToDeflater } from './deflate-messages.ts';
import { errorOf } from './thread-failure.ts';
import { createThreadPool } from './thread-pool.ts';

/** A thread more is only worth its start where the others have more to do than they get done. */
const deflaters = createThreadPool<ToDeflater, FromDeflater>(
  'deflate',
  Math.max(1, Math.min(4, availableParallelism() - 1)),
  true,
);

/** So little is compressed in the time in which a thread starts. */
const leastForThread = 64 << 10;

/**
 * By a compressor of our own, on threads of our own: a block needs no more than one message, noise a tenth of the time.
 *
 * @param level 1 to 3
 * @param expectedBytes about how many there will be, 0 when that is not known
 */
export function createFastCompressor(level: number, expectedBytes: number): BlockCompressor {
  const spare: ArrayBuffer[] = [];
  const lent = new WeakSet<ArrayBufferLike>();
  const lend = (output: ArrayBuffer, size: number): Uint8Array => {
    lent.add(output);
    return new Uint8Array(output, 0, size);
  };
  let hasThread = false;
  if (expectedBytes >= leastForThread) {
    hasThread = true;
    deflaters.warmUp(); // which takes as long as an archive takes to begin
  }

  function compressHere(block: Uint8Array<ArrayBuffer>): CompressedBlock {
    const output = new ArrayBuffer(mostDeflated(block.length));
    const size = createDeflate(level)(block, new Uint8Array(output));
    return { bytes: new Uint8Array(output, 0, size), memory: block.buffer };
  }

  function compressOnThread({ buffer, length }: Uint8Array<ArrayBuffer>): Promise<CompressedBlock> {
    const { promise, resolve, reject } = Promise.withResolvers<CompressedBlock>();
    const seat = deflaters.takeSeat({
      onMessage(message) {
        seat.leave();
        if (message.type === 'failed') reject(errorOf(message));
        else resolve({ bytes: lend(message.output, message.size), memory: message.block });
      },
      onCrash: (error: LadingError) => reject(error),
    });
    const output = spare.pop();
    seat.post(
      { level, block: buffer, size: length, output },
      output === undefined ? [buffer] : [buffer, output],
    );
    hasThread = true;
    return promise;
  }

  return {
    async compress(block) {
      return block.length < leastForThread && !hasThread ? compressHere(block) : compressOnThread(block);
    },
    recycle({ buffer }) {
      if (buffer instanceof ArrayBuffer && lent.delete(buffer)) spare.push(buffer);
    },
    close() {},
  };
}
