// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { type Descriptor, type Digest, verifyStream } from '@lading/image-spec';
import type { ContentSource } from '@lading/registry-client';

/** Streams of our own that end normally only when all their bytes have this digest. */
const verified = new WeakMap<AsyncIterable<Uint8Array>, Digest>();

/** Says of a stream that it verifies itself. For the transports of this package alone. */
export function markVerified<T extends AsyncIterable<Uint8Array>>(bytes: T, digest: Digest): T {
  verified.set(bytes, digest);
  return bytes;
}

/** Whether that was said of a stream. */
export function isVerified(bytes: AsyncIterable<Uint8Array>, digest: Digest): boolean {
  return verified.get(bytes) === digest;
}

/** A stream that passes the chunks of another one through: it is verified as that is, and takes chunks back for it. */
export function passing(from: ContentSource, to: AsyncIterable<Uint8Array>): ContentSource {
  const passed = Object.assign(to, { recycle: (chunk: Uint8Array) => from.recycle?.(chunk) });
  const digest = verified.get(from);
  return digest === undefined ? passed : markVerified(passed, digest);
}

/**
 * The bytes, verified: by this, unless the stream does it itself. Hashing is most of the work of a copy, and
 * once is enough; a source from elsewhere is not taken at its word.
 */
export function verifiedBytes(
  bytes: ContentSource,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  signal: AbortSignal | undefined,
): ContentSource {
  if (isVerified(bytes, descriptor.digest)) return bytes;
  const options = signal === undefined ? {} : { signal };
  return passing(
    bytes,
    verifyStream(bytes, descriptor, (algorithm) => createHash(algorithm), options),
  );
}
