// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { computable, type Digest, digestAlgorithm } from './digest.ts';
import { digestBytes } from './digest-bytes.ts';

/** What content must be: a descriptor is one. */
export interface ExpectedContent {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Checks bytes that are at hand against the expected digest and size; for a stream see `verifyStream`.
 *
 * @throws LadingError `data_loss` with reason `SIZE_MISMATCH` (too many bytes), `TRUNCATED` (too few) or
 * `DIGEST_MISMATCH`; `unimplemented` for an algorithm that is not supported
 */
export async function verifyBytes(bytes: Uint8Array, expected: ExpectedContent): Promise<void> {
  const algorithm = computable(digestAlgorithm(expected.digest));
  checkSize(bytes.length, expected);
  checkDigest(await digestBytes(bytes, algorithm), expected);
}

/** The size is known when all has arrived. */
export function checkSize(received: number, { digest, size }: ExpectedContent): void {
  if (received > size) throw loss('SIZE_MISMATCH', `${digest}: more than the expected ${size} bytes arrived`);
  if (received !== size) throw loss('TRUNCATED', `${digest}: ended after ${received} of ${size} bytes`);
}

export function checkDigest(actual: string, { digest }: ExpectedContent): void {
  if (actual !== digest) throw loss('DIGEST_MISMATCH', `${digest}: the bytes have the digest ${actual}`);
}

function loss(reason: string, message: string): LadingError {
  return new LadingError(Code.DataLoss, message, { reason });
}
