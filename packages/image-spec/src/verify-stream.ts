// SPDX-License-Identifier: Apache-2.0

import { invalid } from '@lading/document';
import { Code, LadingError } from '@lading/errors';
import { computableAlgorithm, type Digest, type DigestAlgorithm } from './digest.ts';

/** An incremental hash; `createHash()` of `node:crypto` returns one. */
export interface Hasher {
  update(chunk: Uint8Array): unknown;
  digest(encoding: 'hex'): string;
}

/** In Node: `(algorithm) => createHash(algorithm)`. */
export type HasherFactory = (algorithm: DigestAlgorithm) => Hasher;

export interface VerifyOptions {
  readonly signal?: AbortSignal;
}

/**
 * Passes the chunks of `source` through and checks them against the expected digest and size. The chunks
 * are to be trusted only when the iteration ends without an error.
 *
 * Reading stops as soon as more than `size` bytes arrive, so a hostile sender cannot fill a disk.
 *
 * @throws LadingError `data_loss` with reason `SIZE_MISMATCH` (too many bytes), `TRUNCATED` (too few) or
 * `DIGEST_MISMATCH`; `unimplemented` for an algorithm that is not supported; `canceled` after an abort
 */
export async function* verifyStream(
  source: AsyncIterable<Uint8Array>,
  expected: { readonly digest: Digest; readonly size: number },
  createHasher: HasherFactory,
  options: VerifyOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { digest, size } = expected;
  if (!Number.isSafeInteger(size) || size < 0) throw invalid('size', 'a whole number of bytes', size);
  const algorithm = computableAlgorithm(digest);
  const hasher = createHasher(algorithm);
  let received = 0;
  for await (const chunk of untilAborted(source, options.signal)) {
    received += chunk.length;
    if (received > size)
      throw loss('SIZE_MISMATCH', `${digest}: more than the expected ${size} bytes arrived`);
    hasher.update(chunk);
    yield chunk;
  }
  if (received < size) throw loss('TRUNCATED', `${digest}: ended after ${received} of ${size} bytes`);
  const actual = `${algorithm}:${hasher.digest('hex')}`;
  if (actual !== digest) throw loss('DIGEST_MISMATCH', `${digest}: the bytes have the digest ${actual}`);
}

function loss(reason: string, message: string): LadingError {
  return new LadingError(Code.DataLoss, message, { reason });
}

/** A source that hangs would not notice the abort, so each wait for a chunk listens for it. */
async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  let finished = false;
  let waiting = false;
  try {
    while (!finished) {
      waiting = true;
      const result = await abortable(iterator.next(), signal);
      waiting = false;
      finished = result.done === true;
      if (result.done !== true) yield result.value;
    }
  } finally {
    const closing = finished ? undefined : iterator.return?.();
    // With a read still pending the return would wait for it, and a failure of either says nothing new.
    if (waiting) closing?.catch(() => undefined);
    else await closing;
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(LadingError.from(signal.reason, Code.Canceled));
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
  });
}
