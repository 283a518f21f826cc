// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { haltable } from './haltable.ts';
import type { LayerSource } from './layer-source.ts';

/** The same chunks, until a signal ends them, also while the source gives nothing. */
export function untilAborted(
  source: LayerSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> & LayerSource {
  return Object.assign(passed(source, signal), {
    recycle: (chunk: Uint8Array) => source.recycle?.(chunk),
  });
}

async function* passed(
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
