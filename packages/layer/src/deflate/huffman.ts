// SPDX-License-Identifier: Apache-2.0

/**
 * The lengths of a Huffman code in which none is longer than `limit` bits. A symbol that does not occur has none (0).
 *
 * @param counts how often each symbol occurs, below 2^23
 */
export function codeLengths(counts: Uint32Array, limit: number): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const byCount = occurring(counts);
  if (byCount.length < 2) {
    for (const key of byCount) lengths[key & symbolMask] = 1;
    return lengths;
  }
  const depths = depthsOf(byCount.map((key) => key >>> symbolBits));
  const ofLength = new Int32Array(limit + 1);
  for (const depth of depths) ofLength[Math.min(depth, limit)] = (ofLength[Math.min(depth, limit)] ?? 0) + 1;
  makeRoom(ofLength, limit);
  let next = 0;
  for (let length = limit; length > 0; length--) {
    for (let i = ofLength[length] ?? 0; i > 0; i--) lengths[(byCount[next++] ?? 0) & symbolMask] = length;
  }
  return lengths;
}

const symbolBits = 9;
const symbolMask: number = (1 << symbolBits) - 1;

/** Symbols that occur, the rarest first, each with its count above its number: numbers sort faster than anything. */
function occurring(counts: Uint32Array): Uint32Array {
  const keys = new Uint32Array(counts.length);
  let found = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    const count = counts[symbol] ?? 0;
    if (count > 0) keys[found++] = (count << symbolBits) | symbol;
  }
  return keys.subarray(0, found).sort();
}

/** How deep each leaf of the tree is: the two lightest nodes are joined, until one is left. Joined ones come in order. */
function depthsOf(leaves: Uint32Array): Uint8Array {
  const leafCount = leaves.length;
  const last = 2 * leafCount - 2;
  const weights = new Uint32Array(last + 1);
  weights.set(leaves);
  const parents = new Uint16Array(last + 1);
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
  const depths = new Uint8Array(last + 1);
  for (let node = last - 1; node >= 0; node--) depths[node] = (depths[parents[node] ?? 0] ?? 0) + 1;
  return depths.subarray(0, leafCount);
}

/** Codes that were cut to the limit take more room than there is: others are made longer until all fit. */
function makeRoom(ofLength: Int32Array, limit: number): void {
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

/** The codes of these lengths, their first bit lowest, as they are written. @see RFC 1951, 3.2.2 */
export function codesOf(lengths: Uint8Array): Uint16Array {
  const next = new Uint16Array(17);
  for (const length of lengths) if (length > 0) next[length + 1] = (next[length + 1] ?? 0) + 1;
  for (let length = 1; length < 17; length++)
    next[length] = ((next[length - 1] ?? 0) + (next[length] ?? 0)) << 1;
  const codes = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] ?? 0;
    if (length === 0) continue;
    const code = next[length] ?? 0;
    next[length] = code + 1;
    codes[symbol] = reversed(code, length);
  }
  return codes;
}

function reversed(code: number, length: number): number {
  let turned = 0;
  for (let bit = 0; bit < length; bit++) turned = (turned << 1) | ((code >>> bit) & 1);
  return turned;
}
