// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHasher, type DigestAlgorithm } from './index.ts';

function hashOf(algorithm: DigestAlgorithm, chunks: readonly Uint8Array[]): string {
  const hasher = createHasher(algorithm);
  for (const chunk of chunks) hasher.update(chunk);
  return hasher.digest('hex');
}

describe.each(['sha256', 'sha512'] as const)('createHasher of %s', (algorithm) => {
  it('agrees with OpenSSL on every length over four blocks and all their paddings', () => {
    for (let length = 0; length <= 600; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + length) % 256);
      const expected = createHash(algorithm).update(bytes).digest('hex');
      expect(hashOf(algorithm, [bytes]), `${length} bytes`).toBe(expected);
    }
  });

  it('agrees with OpenSSL however the bytes are cut', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });
    fc.assert(
      fc.property(chunks, (list) => {
        expect(hashOf(algorithm, list)).toBe(createHash(algorithm).update(Buffer.concat(list)).digest('hex'));
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees with OpenSSL on a million bytes', () => {
    const bytes = new Uint8Array(1_000_000).fill('a'.charCodeAt(0));
    const expected = createHash(algorithm).update(bytes).digest('hex');
    expect(hashOf(algorithm, [bytes.subarray(0, 1), bytes.subarray(1)])).toBe(expected);
  });

  it('does not look at bytes that change after they were given', () => {
    const bytes = new Uint8Array(10).fill(1);
    const hasher = createHasher(algorithm);
    hasher.update(bytes);
    bytes.fill(2);
    expect(hasher.digest('hex')).toBe(createHash(algorithm).update(new Uint8Array(10).fill(1)).digest('hex'));
  });

  it('is of use once', () => {
    const hasher = createHasher(algorithm);
    hasher.digest('hex');
    const finished = expect.objectContaining({ code: Code.FailedPrecondition });
    expect(() => hasher.digest('hex')).toThrow(finished);
    expect(() => hasher.update(new Uint8Array(1))).toThrow(finished);
  });
});

it('createHasher does not know other algorithms', () => {
  expect(() => createHasher('md5' as DigestAlgorithm)).toThrow(
    expect.objectContaining({ code: Code.Unimplemented, reason: 'UNSUPPORTED' }),
  );
});
