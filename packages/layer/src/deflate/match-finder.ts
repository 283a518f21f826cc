// SPDX-License-Identifier: Apache-2.0
import { isNoise } from '../noise.ts';
import type { Effort } from './efforts.ts';
import { longestMatch, shortestMatch, windowBytes } from './symbols.ts';

/** How a stretch of bytes is told: each entry is so many bytes as they are, then a match; what is left follows as it is. */
export interface Matches {
  count: number;
  readonly literals: Uint32Array;
  /** The length less {@link shortestMatch} in the higher half, the distance less 1 in the lower. */
  readonly packed: Uint32Array;
}

export interface MatchFinder {
  readonly matches: Matches;
  /** Forgets what it has seen. */
  begin(bytes: Uint8Array): void;
  /**
   * Looks for {@link MatchFinder.matches} from there on, until a block is full.
   * @returns where they end
   */
  find(from: number): number;
  /** Where the noise ends that follows them, or where they end. */
  noiseEnd(): number;
}

const mostMatches = 16 << 10;

/** A block ends after so many symbols: codes fit what they are made for. */
const symbolsPerBlock = 20_000;

/** No shorter ones are looked for: most of three bytes are longer than what they stand for. */
const leastMatch = 4;
const hashBits = 15;
const nowhere = -windowBytes - 1;

/** Where nothing matches, steps grow: by one every so many bytes, up to a limit. */
const bytesPerStep = 32;
const longestStep = 16;

/** From so many bytes without a match on, they are looked at: noise is stored as it is. */
const leastNoiseBytes = 1 << 10;

export function createMatchFinder({ enough, patience, remembered }: Effort): MatchFinder {
  /** The last two places of each hash, the newer one first. */
  const places = new Int32Array(2 << hashBits);
  const literals = new Uint32Array(mostMatches);
  const packed = new Uint32Array(mostMatches);
  const matches = { count: 0, literals, packed };
  let bytes: Uint8Array = new Uint8Array();
  let view = new DataView(bytes.buffer);
  let noiseEnd = 0;
  /** The match that ended the noise: the next block begins with it. */
  let carried = 0;

  function find(from: number): number {
    const data = bytes;
    const words = view;
    const end = data.length;
    const lastStart = end - 8;
    let literalStart = from;
    let count = 0;
    let symbols = 0;
    let at = from;
    if (carried > 0) {
      literals[0] = 0;
      packed[0] = carried;
      count = symbols = 1;
      at = literalStart = from + (carried >>> 16) + shortestMatch;
      carried = 0;
    }
    let bestLength = 0;
    let bestDistance = 0;
    while (at < lastStart) {
      const word = words.getInt32(at, true);
      const slot = (Math.imul(word, 0x9e3779b1) >>> (32 - hashBits)) << 1;
      const newer = places[slot] ?? nowhere;
      const older = places[slot + 1] ?? nowhere;
      places[slot + 1] = newer;
      places[slot] = at;

      const waitingLength = bestLength;
      const waitingDistance = bestDistance;
      bestLength = 0;
      const most = Math.min(end - at, longestMatch);
      if (at - newer <= windowBytes && words.getInt32(newer, true) === word) {
        bestLength = matchLength(words, at, newer, most);
        bestDistance = at - newer;
      }
      if (bestLength < enough && at - older <= windowBytes && words.getInt32(older, true) === word) {
        const length = matchLength(words, at, older, most);
        if (length > bestLength) {
          bestLength = length;
          bestDistance = at - older;
        }
      }
      if (waitingLength > 0 && bestLength <= waitingLength) {
        // The one a byte before is taken after all.
        at -= 1;
        bestLength = waitingLength;
        bestDistance = waitingDistance;
      } else if (bestLength === 0) {
        at += 1 + Math.min(Math.floor((at - literalStart) / bytesPerStep), longestStep);
        continue;
      } else if (bestLength < patience) {
        at += 1;
        continue;
      }
      // With long steps, or a hash that was forgotten, a match is found after it has begun.
      let start = at;
      while (
        start > literalStart &&
        start > bestDistance &&
        bestLength < longestMatch &&
        data[start - 1] === data[start - bestDistance - 1]
      ) {
        start -= 1;
        bestLength += 1;
      }
      const next = start + bestLength;
      if (next < lastStart) {
        for (let i = bestLength < remembered ? at + 1 : next - 2; i < next; i++) {
          const slot = (Math.imul(words.getInt32(i, true), 0x9e3779b1) >>> (32 - hashBits)) << 1;
          places[slot + 1] = places[slot] ?? nowhere;
          places[slot] = i;
        }
      }
      const match = ((bestLength - shortestMatch) << 16) | (bestDistance - 1);
      if (start - literalStart >= leastNoiseBytes && isNoise(data, literalStart, start)) {
        carried = match;
        noiseEnd = start;
        matches.count = count;
        return literalStart;
      }
      literals[count] = start - literalStart;
      packed[count] = match;
      count += 1;
      symbols += 1 + start - literalStart;
      at = literalStart = next;
      bestLength = 0;
      if (count === mostMatches || symbols >= symbolsPerBlock) {
        matches.count = count;
        noiseEnd = at;
        return at;
      }
    }
    noiseEnd = end;
    matches.count = count;
    return end - literalStart >= leastNoiseBytes && isNoise(data, literalStart, end) ? literalStart : end;
  }

  return {
    matches,
    begin(next) {
      bytes = next;
      view = new DataView(next.buffer, next.byteOffset, next.length);
      places.fill(nowhere);
      carried = 0;
    },
    find,
    noiseEnd: () => noiseEnd,
  };
}

function matchLength(words: DataView, at: number, candidate: number, most: number): number {
  let length = leastMatch;
  for (; length + 4 <= most; length += 4) {
    const differing = words.getInt32(at + length, true) ^ words.getInt32(candidate + length, true);
    if (differing !== 0) return length + ((31 - Math.clz32(differing & -differing)) >> 3);
  }
  while (length < most && words.getUint8(at + length) === words.getUint8(candidate + length)) length++;
  return length;
}
