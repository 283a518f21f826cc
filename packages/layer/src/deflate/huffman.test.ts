// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeLengths, codesOf } from './huffman.ts';

/** What codes of these lengths take of all that there are: 1 when none is missing. */
const taken = (lengths: Uint8Array): number =>
  lengths.reduce((sum, length) => sum + (length > 0 ? 2 ** -length : 0), 0);

describe('codeLengths', () => {
  it('gives rare symbols longer codes, and none to those that do not occur', () => {
    expect([...codeLengths(new Uint32Array([8, 0, 4, 2, 1, 1]), 15)]).toEqual([1, 0, 2, 3, 4, 4]);
    expect([...codeLengths(new Uint32Array([0, 7, 0]), 15)]).toEqual([0, 1, 0]);
    expect([...codeLengths(new Uint32Array(3), 15)]).toEqual([0, 0, 0]);
  });

  it('keeps to the limit where counts grow as fast as they can', () => {
    const counts = new Uint32Array(30);
    counts.forEach((_, i) => {
      counts[i] = i < 2 ? 1 : (counts[i - 1] ?? 0) + (counts[i - 2] ?? 0);
    });
    const lengths = codeLengths(counts, 7);
    expect(Math.max(...lengths)).toBe(7);
    expect(taken(lengths)).toBe(1);
  });

  it('makes a code that is complete, of any counts', () => {
    const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(20), fc.nat(2 ** 22)), {
      minLength: 2,
      maxLength: 286,
    });
    fc.assert(
      fc.property(counts, fc.integer({ min: 9, max: 15 }), (some, limit) => {
        const lengths = codeLengths(new Uint32Array(some), limit);
        const used = some.filter((count) => count > 0).length;
        expect([...lengths].map((length) => length > 0)).toEqual(some.map((count) => count > 0));
        expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(limit);
        if (used > 1) expect(taken(lengths)).toBe(1);
      }),
    );
  });
});

describe('codesOf', () => {
  it('counts up among codes of one length, their first bit lowest', () => {
    // The example of RFC 1951, 3.2.2: A to H.
    const codes = codesOf(new Uint8Array([3, 3, 3, 3, 3, 2, 4, 4]));
    const told = ['010', '011', '100', '101', '110', '00', '1110', '1111'];
    expect([...codes]).toEqual(told.map((bits) => Number.parseInt([...bits].reverse().join(''), 2)));
  });
});
