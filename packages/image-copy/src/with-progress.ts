// SPDX-License-Identifier: Apache-2.0
import type { BlobOptions } from './types.ts';

/** The same bytes; each piece is counted when it has been taken. */
export async function* withProgress(
  bytes: AsyncIterable<Uint8Array>,
  { signal, onProgress }: BlobOptions,
): AsyncGenerator<Uint8Array> {
  let current = 0;
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    current += chunk.length;
    yield chunk;
    onProgress?.(current);
  }
}
