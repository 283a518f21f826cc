// SPDX-License-Identifier: Apache-2.0
import { invalid } from '@lading/document';
import { Code, LadingError } from '@lading/errors';
import { computable, digestAlgorithm } from './digest.ts';
import { createHasher, type HasherFactory } from './hasher.ts';
import { checkDigest, checkSize, type ExpectedContent } from './verify-bytes.ts';

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Passes the chunks of `source` through and checks them against the expected digest and size. The chunks
 * are to be trusted only when the iteration ends without an error.
 *
 * Reading stops as soon as more than `size` bytes arrive, so a hostile sender cannot fill a disk.
 *
 * @param hasherFactory hashes in plain JavaScript by default; in Node pass `createHash` of `node:crypto`,
 * which is several times faster
 * @throws LadingError `data_loss` with reason `SIZE_MISMATCH` (too many bytes), `TRUNCATED` (too few) or
 * `DIGEST_MISMATCH`; `unimplemented` for an algorithm that is not supported; `canceled` after an abort
 */
export async function* verifyStream(
  source: AsyncIterable<Uint8Array>,
  expected: ExpectedContent,
  hasherFactory: HasherFactory = createHasher,
  options: VerifyOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { digest, size } = expected;
  if (!Number.isSafeInteger(size) || size < 0) throw invalid('size', 'a whole number of bytes', size);
  const algorithm = computable(digestAlgorithm(digest));
  const hasher = hasherFactory(algorithm);
  const { signal } = options;
  let received = 0;
  const chunks = source[Symbol.asyncIterator]();
  // By hand and not by `for await`: this runs once a chunk of every download, and a source that hangs must
  // not hold up the abort.
  let state: 'between' | 'reading' | 'failed' | 'ended' = 'between';
  let abortRead: ((reason: LadingError) => void) | undefined;
  const onAbort = (): void => abortRead?.(canceled(signal));
  signal?.addEventListener('abort', onAbort);
  try {
    while (true) {
      if (signal?.aborted === true) throw canceled(signal);
      state = 'reading';
      const next = chunks.next();
      const { done, value } = await (signal === undefined
        ? next
        : new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
            abortRead = reject;
            next.then(resolve, reject);
          }));
      state = 'between';
      if (done === true) break;
      received += value.length;
      if (received > size) checkSize(received, expected);
      hasher.update(value);
      yield value;
    }
    state = 'ended';
    checkSize(received, expected);
    checkDigest(`${algorithm}:${hasher.digest('hex')}`, expected);
  } catch (error) {
    if (state === 'between') state = 'failed';
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    if (state !== 'ended') await close(chunks, state);
  }
}

function canceled(signal: AbortSignal | undefined): LadingError {
  return LadingError.from(signal?.reason, Code.Canceled);
}

/** Closes the source. Where something has failed already, a failure to close it says nothing new. */
async function close(
  chunks: AsyncIterator<Uint8Array>,
  state: 'between' | 'reading' | 'failed',
): Promise<void> {
  const closed = chunks.return?.();
  if (state === 'between') await closed;
  const quiet = closed?.catch(() => undefined);
  // A generator that is still reading would be closed only when its read ends, which may be never.
  if (state === 'failed') await quiet;
}
