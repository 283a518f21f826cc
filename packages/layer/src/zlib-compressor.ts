// SPDX-License-Identifier: Apache-2.0
import type { BlockCompressor } from './block-compressor.ts';
import { createDeflateLane, type DeflateLane } from './deflate-lane.ts';
import { cutAtNoise } from './noise.ts';
import { storedBlocks } from './stored-blocks.ts';

/** By zlib, on the threads of Node's pool: smaller and slower. Noise is stored as it is. */
export function createZlibCompressor(level: number): BlockCompressor {
  const lanes: DeflateLane[] = [];
  const idle: DeflateLane[] = [];
  const newLane = (): DeflateLane => {
    const lane = createDeflateLane(level);
    lanes.push(lane);
    return lane;
  };
  return {
    async compress(block) {
      const lane = idle.pop() ?? newLane();
      const parts = cutAtNoise(block).map(({ isNoise, bytes }) =>
        isNoise ? storedBlocks(bytes) : lane.compress(bytes),
      );
      const bytes = Buffer.concat((await Promise.all(parts)).flat());
      idle.push(lane);
      return { bytes, memory: block.buffer };
    },
    recycle() {},
    close() {
      for (const lane of lanes) lane.close();
    },
  };
}
