// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createNodeHasher } from './node-hasher.ts';

it.each([[[]], [[10, 20]], [[8192]], [[8000, 192]], [[8000, 193]], [[100_000]], [[5000, 5000, 5000]]])(
  'hashes pieces of %j bytes as Node does, also when their memory is used again',
  (sizes) => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const hasher = createNodeHasher(algorithm);
      const expected = createHash(algorithm);
      for (const size of sizes) {
        const piece = randomBytes(size);
        expected.update(piece);
        hasher.update(piece);
        piece.fill(0);
      }
      expect(hasher.digest('hex')).toBe(expected.digest('hex'));
    }
  },
);
