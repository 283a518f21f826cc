// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Crc64 } from './crc64.ts';

const crc = (...pieces: Uint8Array[]): string => {
  const sum = new Crc64();
  for (const piece of pieces) sum.update(piece);
  return sum.digest().toString('hex');
};

/** Bit by bit, as the definition has it. */
function byDefinition(bytes: Uint8Array): string {
  let register = 2n ** 64n - 1n;
  for (const byte of bytes) {
    register ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      register = register & 1n ? (register >> 1n) ^ 0xd800000000000000n : register >> 1n;
    }
  }
  return (register ^ (2n ** 64n - 1n)).toString(16).padStart(16, '0');
}

describe('Crc64', () => {
  it.each([
    ['', '0000000000000000'],
    ['hi\n', '6149981000000000'],
    ['123456789', 'b90956c775a41001'],
  ])('of %j is %s', (text, hex) => {
    expect(crc(Buffer.from(text))).toBe(hex);
  });

  it('is that of the definition for all lengths', () => {
    const bytes = randomBytes(100);
    for (let size = 0; size <= bytes.length; size++) {
      expect(crc(bytes.subarray(0, size))).toBe(byDefinition(bytes.subarray(0, size)));
    }
  });

  it.each([255, 1023, 1024, 1040, 2044, 2045, 2048, 2061, 2064, 2071, 3072, 5000, 262_080, 262_100, 524_300])(
    'is that of the definition for %d bytes, whatever went before',
    (size) => {
      const bytes = randomBytes(size + 3);
      expect(crc(bytes.subarray(0, 3), bytes.subarray(3))).toBe(byDefinition(bytes));
    },
  );

  it('does not depend on how the bytes are cut', () => {
    const bytes = randomBytes(1100);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(crc(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(crc(bytes));
    }
  });
});
