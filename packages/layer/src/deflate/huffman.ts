// SPDX-License-Identifier: Apache-2.0

const mostSymbols = 288;
const symbolBits = 9;
const symbolMask: number = (1 << symbolBits) - 1;

// Blocks are many and small, and memory that is used again costs nothing.
const keys = new Uint32Array(mostSymbols);
const weights = new Uint32Array(2 * mostSymbols);
const parents = new Uint16Array(2 * mostSymbols);
const depths = new Uint8Array(2 * mostSymbols);
const ofLength = new Int32Array(17);
const nextCode = new Uint16Array(17);

/** Up to so many numbers are sorted sooner by hand than a function that can do more is called. */
const few = 40;

/** The bits of a byte the other way round. */
const reversedByte: Uint8Array = new Uint8Array(256).map((_, byte) => {
  let turned = 0;
  for (let bit = 0; bit < 8; bit++) turned = (turned << 1) | ((byte >>> bit) & 1);
  return turned;
});

/**
 * The lengths of a Huffman code in which none is longer than `limit` bits, 15 at most. A symbol that does not occur has
 * none (0).
 *
 * @param counts how often each symbol occurs, below 2^23; 288 at most
 * @param lengths takes them
 */
export function codeLengths(
  counts: Uint32Array,
  limit: number,
  lengths: Uint8Array = new Uint8Array(counts.length),
): Uint8Array {
  lengths.fill(0);
  const found = sortByCount(counts);
  if (found < 2) {
    if (found === 1) lengths[(keys[0] ?? 0) & symbolMask] = 1;
    return lengths;
  }
  findDepths(found);
  ofLength.fill(0);
  for (let leaf = 0; leaf < found; leaf++) {
    const length = Math.min(depths[leaf] ?? 0, limit);
    ofLength[length] = (ofLength[length] ?? 0) + 1;
  }
  makeRoom(limit);
  let next = 0;
  for (let length = limit; length > 0; length--) {
    for (let i = ofLength[length] ?? 0; i > 0; i--) lengths[(keys[next++] ?? 0) & symbolMask] = length;
  }
  return lengths;
}

/**
 * Puts the symbols that occur to the keys, the rarest first, each with its count above its number: numbers sort faster
 * than anything.
 */
function sortByCount(counts: Uint32Array): number {
  let found = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    const count = counts[symbol] ?? 0;
    if (count > 0) keys[found++] = (count << symbolBits) | symbol;
  }
  if (found > few) {
    keys.subarray(0, found).sort();
    return found;
  }
  for (let i = 1; i < found; i++) {
    const key = keys[i] ?? 0;
    let at = i;
    for (; at > 0 && (keys[at - 1] ?? 0) > key; at--) keys[at] = keys[at - 1] ?? 0;
    keys[at] = key;
  }
  return found;
}

/** How deep each leaf of the tree is: the two lightest nodes are joined, until one is left. Joined ones come in order. */
function findDepths(leafCount: number): void {
  const last = 2 * leafCount - 2;
  for (let leaf = 0; leaf < leafCount; leaf++) weights[leaf] = (keys[leaf] ?? 0) >>> symbolBits;
  let leaf = 0;
  let joined = leafCount;
  for (let node = leafCount; node <= last; node++) {
    let weight = 0;
    for (let child = 0; child < 2; child++) {
      const isLeaf = leaf < leafCount && (joined >= node || (weights[leaf] ?? 0) <= (weights[joined] ?? 0));
      const lightest = isLeaf ? leaf++ : joined++;
      weight += weights[lightest] ?? 0;
      parents[lightest] = node;
    }
    weights[node] = weight;
  }
  depths[last] = 0;
  for (let node = last - 1; node >= 0; node--) depths[node] = (depths[parents[node] ?? 0] ?? 0) + 1;
}

/** Codes that were cut to the limit take more room than there is: others are made longer until all fit. */
function makeRoom(limit: number): void {
  let taken = 0;
  for (let length = 1; length <= limit; length++) taken += (ofLength[length] ?? 0) << (limit - length);
  for (; taken > 1 << limit; taken--) {
    let shorter = limit - 1;
    while (ofLength[shorter] === 0) shorter--;
    // One of the longest moves below what was a shorter code, beside that.
    ofLength[limit] = (ofLength[limit] ?? 0) - 1;
    ofLength[shorter] = (ofLength[shorter] ?? 0) - 1;
    ofLength[shorter + 1] = (ofLength[shorter + 1] ?? 0) + 2;
  }
}

/**
 * The codes of these lengths, their first bit lowest, as they are written.
 *
 * @param codes takes them
 * @see RFC 1951, 3.2.2
 */
export function codesOf(
  lengths: Uint8Array,
  codes: Uint16Array = new Uint16Array(lengths.length),
): Uint16Array {
  nextCode.fill(0);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] ?? 0;
    if (length > 0) nextCode[length + 1] = (nextCode[length + 1] ?? 0) + 1;
  }
  for (let length = 1; length < 17; length++)
    nextCode[length] = ((nextCode[length - 1] ?? 0) + (nextCode[length] ?? 0)) << 1;
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] ?? 0;
    if (length === 0) {
      codes[symbol] = 0;
      continue;
    }
    const code = nextCode[length] ?? 0;
    nextCode[length] = code + 1;
    const turned = ((reversedByte[code & 0xff] ?? 0) << 8) | (reversedByte[code >>> 8] ?? 0);
    codes[symbol] = turned >>> (16 - length);
  }
  return codes;
}
