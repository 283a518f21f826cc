// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';
import type { ContentSource } from '@lading/registry-client';
import type { Copy } from './copy-options.ts';
import { onSide } from './side.ts';
import { passing } from './verified.ts';

/**
 * Runs a write that reads from the source. It may wrap what the bytes that it was given threw; the source's own word
 * is better, and a read that went well afterwards takes it back.
 */
export async function readingSource<T>(
  { source, destination }: Copy,
  write: (marked: (bytes: ContentSource) => ContentSource) => Promise<T>,
): Promise<T> {
  let failure: LadingError | undefined;
  async function* marking(bytes: ContentSource): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes;
    } catch (error) {
      failure = onSide('source', source.reference, error);
      throw failure;
    }
  }
  try {
    return await write((bytes) => {
      failure = undefined;
      return passing(bytes, marking(bytes));
    });
  } catch (error) {
    throw failure ?? onSide('destination', destination.reference, error);
  }
}
