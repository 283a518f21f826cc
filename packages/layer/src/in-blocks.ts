// SPDX-License-Identifier: Apache-2.0
import type { BufferPool } from './buffer-pool.ts';
import type { LayerSource } from './layer-source.ts';

/**
 * The same bytes in blocks of one size, but for the last one. A chunk that is a block already is passed on as it is;
 * the others are copied to buffers of the pool, and given back.
 */
export async function* inBlocks(
  source: LayerSource,
  pool: BufferPool,
  blockBytes: number,
): AsyncGenerator<Uint8Array> {
  let block: Buffer | undefined;
  let used = 0;
  for await (const chunk of source) {
    if (used === 0 && chunk.length === blockBytes) {
      yield chunk;
      continue;
    }
    for (let at = 0; at < chunk.length; ) {
      block ??= pool.take();
      const count = Math.min(chunk.length - at, blockBytes - used);
      block.set(chunk.subarray(at, at + count), used);
      at += count;
      used += count;
      if (used < blockBytes) continue;
      yield block;
      block = undefined;
      used = 0;
    }
    source.recycle?.(chunk);
  }
  if (block !== undefined) yield block.subarray(0, used);
}
