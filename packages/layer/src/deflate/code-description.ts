// SPDX-License-Identifier: Apache-2.0
import { codeLengths, codesOf } from './huffman.ts';

/** What says at the beginning of a block which codes it uses. @see RFC 1951, 3.2.7 */
export interface CodeDescription {
  /** Pairs of a value and the number of its bits, in the order in which they are written; good until the next call. */
  readonly fields: Uint16Array;
  /** How many of them there are. */
  readonly count: number;
  readonly bits: number;
}

/** A length is said by itself; 16 repeats the one before, 17 and 18 are runs of zeros. */
const [repeat, fewZeros, manyZeros] = [16, 17, 18] as const;
const extraBits = new Uint8Array([...Array<number>(16).fill(0), 2, 3, 7]);
const least = new Uint8Array([...Array<number>(16).fill(1), 3, 3, 11]);
const most = new Uint8Array([...Array<number>(16).fill(1), 6, 10, 138]);
/** The lengths of the codes for lengths stand in this order, and those at the end that are zero are left out. */
const order = new Uint8Array([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

// Blocks are many and small, and memory that is used again costs nothing.
const lengths = new Uint8Array(320);
const symbols = new Uint8Array(320);
const extras = new Uint8Array(320);
const counts = new Uint32Array(19);
const fields = new Uint16Array(2 * (3 + 19 + 2 * 320));
const ownLengths = new Uint8Array(19);
const ownCodes = new Uint16Array(19);

export function describeCodes(literals: Uint8Array, distances: Uint8Array): CodeDescription {
  const literalCount = Math.max(257, usedOf(literals));
  const distanceCount = Math.max(1, usedOf(distances));
  lengths.set(literals);
  lengths.set(distances, literalCount);
  const runCount = findRuns(literalCount + distanceCount);
  codeLengths(counts, 7, ownLengths);
  codesOf(ownLengths, ownCodes);
  let orderCount = order.length;
  while (orderCount > 4 && ownLengths[order[orderCount - 1] ?? 0] === 0) orderCount--;

  let count = 0;
  let bits = 0;
  const add = (value: number, bitCount: number): void => {
    fields[count] = value;
    fields[count + 1] = bitCount;
    count += 2;
    bits += bitCount;
  };
  add(literalCount - 257, 5);
  add(distanceCount - 1, 5);
  add(orderCount - 4, 4);
  for (let i = 0; i < orderCount; i++) add(ownLengths[order[i] ?? 0] ?? 0, 3);
  for (let i = 0; i < runCount; i++) {
    const symbol = symbols[i] ?? 0;
    add(ownCodes[symbol] ?? 0, ownLengths[symbol] ?? 0);
    if (symbol >= repeat) add(extras[i] ?? 0, extraBits[symbol] ?? 0);
  }
  return { fields, count, bits };
}

function usedOf(lengths: Uint8Array): number {
  let used = lengths.length;
  while (used > 0 && lengths[used - 1] === 0) used--;
  return used;
}

/** Tells the first `end` lengths by symbols, counts those, and gives their number. */
function findRuns(end: number): number {
  counts.fill(0);
  let found = 0;
  const add = (symbol: number, extra: number): void => {
    symbols[found] = symbol;
    extras[found] = extra;
    counts[symbol] = (counts[symbol] ?? 0) + 1;
    found += 1;
  };
  for (let at = 0; at < end; ) {
    const length = lengths[at] ?? 0;
    let left = 1;
    while (at + left < end && lengths[at + left] === length) left++;
    at += left;
    if (length > 0) {
      add(length, 0);
      left -= 1;
    }
    while (left >= 3) {
      const symbol = length > 0 ? repeat : left > 10 ? manyZeros : fewZeros;
      const count = Math.min(left, most[symbol] ?? 0);
      add(symbol, count - (least[symbol] ?? 0));
      left -= count;
    }
    for (; left > 0; left--) add(length, 0);
  }
  return found;
}
