// SPDX-License-Identifier: Apache-2.0

/** A part of a block: noise, which a compressor only makes longer, or anything else. */
export interface Segment {
  readonly isNoise: boolean;
  readonly bytes: Uint8Array;
}

/** The judgement is made on this much at a time. */
const cellBytes = 2 << 10;

/** Noise shorter than this is not worth a segment of its own. */
const leastNoiseBytes = 8 << 10;

/** One byte in five is looked at. Not in two, three or four: pixels and numbers repeat at such distances. */
const stride = 5;

/** How much more often two bytes are equal than in noise, up to which they pass for noise: a code saves 3 % of it. */
const tolerance = 1.2;

const counts = new Uint16Array(256);

/**
 * Cuts a block where noise (what was compressed or encrypted already) begins and ends. A compressor spends most of
 * its time on noise, and looking at it takes a hundredth of that. Depends on the bytes of the block alone.
 */
export function cutAtNoise(block: Uint8Array): readonly Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  const add = (to: number, isNoise: boolean): void => {
    if (to > from) segments.push({ isNoise, bytes: block.subarray(from, to) });
    from = to;
  };
  for (let at = 0; at < block.length; ) {
    const begin = at;
    while (at < block.length && isNoiseAt(block, at)) at = Math.min(at + cellBytes, block.length);
    if (at - begin >= leastNoiseBytes) {
      add(begin, false);
      add(at, true);
    }
    if (at < block.length) at = Math.min(at + cellBytes, block.length);
  }
  add(block.length, false);
  return segments;
}

function isNoiseAt(block: Uint8Array, at: number): boolean {
  const end = Math.min(at + cellBytes, block.length);
  const looks = Math.ceil((end - at) / stride);
  const limit = ((looks * (looks - 1)) / 512) * tolerance;
  counts.fill(0);
  let pairs = 0;
  // Most of what is no noise shows it at once.
  for (let i = at; i < end && pairs < limit; i += stride) {
    const byte = block[i] ?? 0;
    const before = counts[byte] ?? 0;
    counts[byte] = before + 1;
    pairs += before;
  }
  return pairs < limit;
}
