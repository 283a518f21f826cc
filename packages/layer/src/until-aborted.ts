// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { haltable } from './haltable.ts';

/** The same chunks, until a signal ends them, also while the source gives nothing. */
export async function* untilAborted(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { chunks, halt } = haltable(source);
  const abort = (): void => halt(LadingError.from(signal?.reason, Code.Canceled));
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    yield* chunks;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
