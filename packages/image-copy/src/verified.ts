// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { type Descriptor, type Digest, verifyStream } from '@lading/image-spec';
import type { ContentSource } from '@lading/registry-client';

/**
 * Streams of our own that end normally only when nothing is wrong with them: their digest was computed, or (`checked`)
 * the local store's checksums of all files were, which finds damage too and takes a fifth of the time.
 */
const marks = new WeakMap<
  AsyncIterable<Uint8Array>,
  { readonly digest: Digest; readonly by: 'digest' | 'checksums' }
>();

/** Says of a stream that it verifies itself. For the transports of this package alone. */
export function markVerified<T extends AsyncIterable<Uint8Array>>(bytes: T, digest: Digest): T {
  marks.set(bytes, { digest, by: 'digest' });
  return bytes;
}

/** Says of a stream that it checks itself by checksums, and has this digest if they are right. */
export function markChecked<T extends AsyncIterable<Uint8Array>>(bytes: T, digest: Digest): T {
  marks.set(bytes, { digest, by: 'checksums' });
  return bytes;
}

/** Whether a stream verifies itself by this digest. */
export function isVerified(bytes: AsyncIterable<Uint8Array>, digest: Digest): boolean {
  return isChecked(bytes, digest) && marks.get(bytes)?.by === 'digest';
}

/** Whether a stream checks itself in one way or the other: enough where what is made of it has a digest of its own. */
export function isChecked(bytes: AsyncIterable<Uint8Array>, digest: Digest): boolean {
  return marks.get(bytes)?.digest === digest;
}

/** A stream that passes the chunks of another one through: it is verified as that is, and takes chunks back for it. */
export function passing(from: ContentSource, to: AsyncIterable<Uint8Array>): ContentSource {
  const passed = Object.assign(to, { recycle: (chunk: Uint8Array) => from.recycle?.(chunk) });
  const mark = marks.get(from);
  if (mark !== undefined) marks.set(passed, mark);
  return passed;
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
  const verified = verifyStream(bytes, descriptor, (algorithm) => createHash(algorithm), options);
  return markVerified(passing(bytes, verified), descriptor.digest);
}
