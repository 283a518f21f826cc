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

interface Look {
  /** One byte in so many is looked at. */
  readonly stride: number;
  /** How much more often two bytes are equal than in noise, up to which they pass for noise. */
  readonly tolerance: number;
}

/** Not in two, three or four bytes: pixels and numbers repeat at such distances. At 1.2, a code saves 3 % of it. */
const firstLook: Look = { stride: 5, tolerance: 1.2 };

/** Noise goes on as a rule. With fewer bytes chance has more of a say: what is none is beyond this still. */
const nextLook: Look = { stride: 17, tolerance: 1.7 };

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
    let look = firstLook;
    while (at < block.length && isNoiseAt(block, at, look)) {
      at = Math.min(at + cellBytes, block.length);
      look = nextLook;
    }
    if (at - begin >= leastNoiseBytes) {
      add(begin, false);
      add(at, true);
    }
    if (at < block.length) at = Math.min(at + cellBytes, block.length);
  }
  add(block.length, false);
  return segments;
}

function isNoiseAt(block: Uint8Array, at: number, look: Look): boolean {
  return looksLikeNoise(block, at, Math.min(at + cellBytes, block.length), look);
}

/** Of fewer bytes all are looked at that {@link firstLook} takes, of more ones so many. */
const looksAtAll = 400;

/** Whether all of this is noise, as it seems from some of its bytes. */
export function isNoise(bytes: Uint8Array, from: number, to: number): boolean {
  const stride = Math.max(firstLook.stride, Math.floor((to - from) / looksAtAll) | 1);
  return looksLikeNoise(bytes, from, to, { stride, tolerance: stride === firstLook.stride ? 1.5 : 1.3 });
}

function looksLikeNoise(bytes: Uint8Array, from: number, to: number, { stride, tolerance }: Look): boolean {
  const looks = Math.ceil((to - from) / stride);
  const limit = ((looks * (looks - 1)) / 512) * tolerance;
  counts.fill(0);
  let pairs = 0;
  // Most of what is no noise shows it at once.
  for (let i = from; i < to && pairs < limit; i += stride) {
    const byte = bytes[i] ?? 0;
    const before = counts[byte] ?? 0;
    counts[byte] = before + 1;
    pairs += before;
  }
  return pairs < limit;
}
