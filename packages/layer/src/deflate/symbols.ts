// SPDX-License-Identifier: Apache-2.0

/** The symbol that ends a block; those of lengths follow it. */
export const endSymbol = 256;
export const literalSymbols = 286;
export const distanceSymbols = 30;

export const shortestMatch = 3;
export const longestMatch = 258;
export const windowBytes: number = 32 << 10;

/** What a symbol stands for: `base`, and up to 2^`extraBits` - 1 more, which follow it. */
export interface SymbolRanges {
  readonly base: Uint16Array;
  readonly extraBits: Uint8Array;
}

/** Every `steps` symbols twice as many values share one, from the second lot on. @see RFC 1951, 3.2.5 */
function rangesOf(count: number, steps: number): SymbolRanges {
  const base = new Uint16Array(count);
  const extraBits = new Uint8Array(count);
  for (let symbol = 0, next = 0; symbol < count; symbol++) {
    const bits = Math.max(0, Math.floor(symbol / steps) - 1);
    base[symbol] = next;
    extraBits[symbol] = bits;
    next += 1 << bits;
  }
  return { base, extraBits };
}

/** Of lengths less {@link shortestMatch}, by symbols from 257 on. The longest has a symbol of its own. */
export const lengthRanges: SymbolRanges = rangesOf(29, 4);
lengthRanges.base[28] = longestMatch - shortestMatch;
lengthRanges.extraBits[28] = 0;

/** Of distances less 1. */
export const distanceRanges: SymbolRanges = rangesOf(distanceSymbols, 2);

/** The symbol of every length less {@link shortestMatch}, from 0 on. */
export const symbolOfLength: Uint8Array = symbolsOf(lengthRanges, longestMatch - shortestMatch + 1);

/** The symbol of every distance less 1. */
export const symbolOfDistance: Uint8Array = symbolsOf(distanceRanges, windowBytes);

function symbolsOf({ base }: SymbolRanges, count: number): Uint8Array {
  const symbols = new Uint8Array(count);
  base.forEach((from, symbol) => {
    symbols.fill(symbol, from);
  });
  return symbols;
}
