// SPDX-License-Identifier: Apache-2.0
import { type CodeDescription, describeCodes } from './code-description.ts';
import { codeLengths, codesOf } from './huffman.ts';
import type { Matches } from './match-finder.ts';
import {
  distanceRanges,
  distanceSymbols,
  endSymbol,
  lengthRanges,
  literalSymbols,
  shortestMatch,
  symbolOfDistance,
  symbolOfLength,
} from './symbols.ts';

/** Writes blocks of deflate, none of them the last one. @see RFC 1951, 3.2.3 */
export interface BlockWriter {
  /** Writes `bytes` from `from` to `to`, in which these matches are, in whichever way is the shortest. */
  block(bytes: Uint8Array, from: number, to: number, matches: Matches): void;
  /** Writes bytes as they are. */
  stored(bytes: Uint8Array, from: number, to: number): void;
  /** Ends on a whole byte, and says how many there are. */
  end(): number;
}

/** The bits before a block that say of which kind it is. */
const [storedKind, fixedKind, dynamicKind] = [0b000, 0b010, 0b100] as const;
const kindBits = 3;
const longestStored = 0xffff;
const longestCode = 15;

/** To describe codes takes more than they save where there are fewer symbols. */
const leastForOwnCodes = 250;

/** A block that is hardly shorter is not worth the time of those who read it. */
const worthwhile = 0.985;

/** How many bytes the blocks of so many bytes have at most, with a small one between every two that are stored. */
export const mostDeflated = (sizeBytes: number): number => sizeBytes + (sizeBytes >> 5) + 64;

interface Codes {
  readonly literalLengths: Uint8Array;
  readonly literalCodes: Uint16Array;
  readonly distanceLengths: Uint8Array;
  readonly distanceCodes: Uint16Array;
}

function makeCodes(literalLengths: Uint8Array, distanceLengths: Uint8Array): Codes {
  return {
    literalLengths,
    literalCodes: codesOf(literalLengths),
    distanceLengths,
    distanceCodes: codesOf(distanceLengths),
  };
}

/** @see RFC 1951, 3.2.6 */
const fixedCodes: Codes = makeCodes(
  new Uint8Array(288).fill(8).fill(9, 144).fill(7, 256).fill(8, 280),
  new Uint8Array(distanceSymbols).fill(5),
);

const { base: lengthBase, extraBits: lengthExtra } = lengthRanges;
const { base: distanceBase, extraBits: distanceExtra } = distanceRanges;

/** @param out has room for {@link mostDeflated} */
export function createBlockWriter(out: Uint8Array): BlockWriter {
  const literalCounts = new Uint32Array(literalSymbols);
  const distanceCounts = new Uint32Array(distanceSymbols);
  const codes = makeCodes(new Uint8Array(literalSymbols), new Uint8Array(distanceSymbols));
  let at = 0;
  let held = 0;
  let heldBits = 0;

  const put = (value: number, bits: number): void => {
    held |= value << heldBits;
    heldBits += bits;
    for (; heldBits >= 8; heldBits -= 8) {
      out[at++] = held;
      held >>>= 8;
    }
  };
  const toWholeByte = (): void => {
    if (heldBits > 0) put(0, 8 - heldBits);
  };

  function stored(bytes: Uint8Array, from: number, to: number): void {
    for (let start = from; start < to; start += longestStored)
      storedBlock(bytes.subarray(start, Math.min(to, start + longestStored)));
  }

  function storedBlock(bytes: Uint8Array): void {
    put(storedKind, kindBits);
    toWholeByte();
    put(bytes.length, 16);
    put(~bytes.length & 0xffff, 16);
    out.set(bytes, at);
    at += bytes.length;
  }

  function count(bytes: Uint8Array, from: number, to: number, { count, literals, packed }: Matches): void {
    literalCounts.fill(0);
    distanceCounts.fill(0);
    let position = from;
    for (let i = 0; i <= count; i++) {
      const literalsEnd = i < count ? position + (literals[i] ?? 0) : to;
      for (; position < literalsEnd; position++) increment(literalCounts, bytes[position] ?? 0);
      if (i === count) break;
      const match = packed[i] ?? 0;
      const length = match >>> 16;
      increment(literalCounts, endSymbol + 1 + (symbolOfLength[length] ?? 0));
      increment(distanceCounts, symbolOfDistance[match & 0xffff] ?? 0);
      position += length + shortestMatch;
    }
    increment(literalCounts, endSymbol);
  }

  function symbolCount(): number {
    let total = 0;
    for (let symbol = 0; symbol < literalSymbols; symbol++) total += literalCounts[symbol] ?? 0;
    return total;
  }

  /** Makes the codes of the block. */
  function ownCodes(): { description: CodeDescription; bits: number } {
    codesOf(codeLengths(literalCounts, longestCode, codes.literalLengths), codes.literalCodes);
    codesOf(codeLengths(distanceCounts, longestCode, codes.distanceLengths), codes.distanceCodes);
    const description = describeCodes(codes.literalLengths, codes.distanceLengths);
    return { description, bits: description.bits + bitsWith(codes) };
  }

  /** How many bits the block has with these codes. */
  function bitsWith({ literalLengths, distanceLengths }: Codes): number {
    let bits = 0;
    for (let symbol = 0; symbol < literalSymbols; symbol++) {
      bits += (literalCounts[symbol] ?? 0) * (literalLengths[symbol] ?? 0);
    }
    for (let symbol = 0; symbol < lengthExtra.length; symbol++) {
      bits += (literalCounts[endSymbol + 1 + symbol] ?? 0) * (lengthExtra[symbol] ?? 0);
    }
    for (let symbol = 0; symbol < distanceSymbols; symbol++) {
      bits += (distanceCounts[symbol] ?? 0) * ((distanceLengths[symbol] ?? 0) + (distanceExtra[symbol] ?? 0));
    }
    return bits;
  }

  /** What is held stays in variables of its own here: this is where most of the time goes. */
  function coded(bytes: Uint8Array, from: number, to: number, matches: Matches, codes: Codes): void {
    const { count, literals, packed } = matches;
    const { literalLengths, literalCodes, distanceLengths, distanceCodes } = codes;
    let position = from;
    let written = at;
    let bits = held;
    let bitCount = heldBits;
    for (let i = 0; i <= count; i++) {
      const literalsEnd = i < count ? position + (literals[i] ?? 0) : to;
      for (; position < literalsEnd; position++) {
        const byte = bytes[position] ?? 0;
        bits |= (literalCodes[byte] ?? 0) << bitCount;
        bitCount += literalLengths[byte] ?? 0;
        if (bitCount < 16) continue;
        out[written] = bits;
        out[written + 1] = bits >>> 8;
        written += 2;
        bits >>>= 16;
        bitCount -= 16;
      }
      if (i === count) break;
      const match = packed[i] ?? 0;
      const length = match >>> 16;
      const distance = match & 0xffff;
      const lengthSymbol = symbolOfLength[length] ?? 0;
      const distanceSymbol = symbolOfDistance[distance] ?? 0;
      bits |= (literalCodes[endSymbol + 1 + lengthSymbol] ?? 0) << bitCount;
      bitCount += literalLengths[endSymbol + 1 + lengthSymbol] ?? 0;
      if (bitCount >= 16) {
        out[written] = bits;
        out[written + 1] = bits >>> 8;
        written += 2;
        bits >>>= 16;
        bitCount -= 16;
      }
      bits |= (length - (lengthBase[lengthSymbol] ?? 0)) << bitCount;
      bitCount += lengthExtra[lengthSymbol] ?? 0;
      if (bitCount >= 16) {
        out[written] = bits;
        out[written + 1] = bits >>> 8;
        written += 2;
        bits >>>= 16;
        bitCount -= 16;
      }
      bits |= (distanceCodes[distanceSymbol] ?? 0) << bitCount;
      bitCount += distanceLengths[distanceSymbol] ?? 0;
      if (bitCount >= 16) {
        out[written] = bits;
        out[written + 1] = bits >>> 8;
        written += 2;
        bits >>>= 16;
        bitCount -= 16;
      }
      bits |= (distance - (distanceBase[distanceSymbol] ?? 0)) << bitCount;
      bitCount += distanceExtra[distanceSymbol] ?? 0;
      if (bitCount >= 16) {
        out[written] = bits;
        out[written + 1] = bits >>> 8;
        written += 2;
        bits >>>= 16;
        bitCount -= 16;
      }
      position += length + shortestMatch;
    }
    at = written;
    held = bits;
    heldBits = bitCount;
    put(literalCodes[endSymbol] ?? 0, literalLengths[endSymbol] ?? 0);
  }

  return {
    stored,
    block(bytes, from, to, matches) {
      count(bytes, from, to, matches);
      const most = (to - from) * 8 * worthwhile;
      const fixedBits = bitsWith(fixedCodes);
      const own = symbolCount() < leastForOwnCodes ? undefined : ownCodes();
      if (own !== undefined && own.bits < Math.min(fixedBits, most)) {
        put(dynamicKind, kindBits);
        const { fields, count } = own.description;
        for (let i = 0; i < count; i += 2) put(fields[i] ?? 0, fields[i + 1] ?? 0);
        coded(bytes, from, to, matches, codes);
      } else if (fixedBits < most) {
        put(fixedKind, kindBits);
        coded(bytes, from, to, matches, fixedCodes);
      } else stored(bytes, from, to);
    },
    end() {
      put(storedKind, kindBits);
      toWholeByte();
      put(0, 16);
      put(0xffff, 16);
      // What is written past the end of an array is gone without a word.
      if (at > out.length) throw new RangeError('the blocks are longer than there was room for');
      return at;
    },
  };
}

function increment(counts: Uint32Array, symbol: number): void {
  counts[symbol] = (counts[symbol] ?? 0) + 1;
}
