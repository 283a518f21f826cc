// SPDX-License-Identifier: Apache-2.0
import { parseDigest } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { inPieces } from './conformance.ts';
import { markVerified, passing, verifiedBytes } from './verified.ts';

const digest = parseDigest(`sha256:${'0'.repeat(64)}`);
const other = parseDigest(`sha256:${'1'.repeat(64)}`);
const bytes = new Uint8Array(10);

describe('verifiedBytes', () => {
  it('hashes a stream that nobody vouches for', async () => {
    const read = Array.fromAsync(verifiedBytes(inPieces(bytes), { digest, size: 10 }, undefined));
    await expect(read).rejects.toMatchObject({ reason: 'DIGEST_MISMATCH' });
  });

  it('takes one of our own at its word, also when it was passed through, for its own digest alone', async () => {
    const ours = markVerified(inPieces(bytes), digest);
    const passed = passing(ours, inPieces(bytes));
    expect(verifiedBytes(passed, { digest, size: 10 }, undefined)).toBe(passed);
    const read = Array.fromAsync(verifiedBytes(passed, { digest: other, size: 10 }, undefined));
    await expect(read).rejects.toMatchObject({ reason: 'DIGEST_MISMATCH' });
  });
});
