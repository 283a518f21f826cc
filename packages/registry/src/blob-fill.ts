// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { BlobStore, ByteRange } from './blob-store.ts';

/** A blob that is on its way into a store and can be read already. */
export interface BlobFill {
  readonly sizeBytes: number;
  /** Follows the bytes as they come. The last one is given only when the digest has proved right. */
  read(range: ByteRange): AsyncGenerator<Uint8Array>;
  /** Settles when the blob is in the store, or will not be. */
  readonly done: Promise<void>;
}

/** What is to be filled, and from where. */
export interface BlobFillOptions {
  readonly blobs: BlobStore;
  readonly repository: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly source: AsyncIterable<Uint8Array>;
}

/** Starts to write a blob. Nobody has to read for it to go on, and a slow reader does not hold it up. */
export async function startBlobFill(options: BlobFillOptions): Promise<BlobFill> {
  const { blobs, repository, digest, sizeBytes, source } = options;
  const upload = await blobs.begin();
  let written = 0;
  let readers = 0;
  let ended = false;
  let released = false;
  let failure: { readonly error: unknown } | undefined;
  let news = Promise.withResolvers<void>();

  function tell(): void {
    news.resolve();
    news = Promise.withResolvers();
  }

  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      yield chunk;
      // Asked for the next one: this one has been written.
      written += chunk.length;
      tell();
    }
  }

  async function release(): Promise<void> {
    if (!ended || readers > 0 || released) return;
    released = true;
    await upload.discard();
  }

  async function fill(): Promise<void> {
    try {
      await upload.append(watched());
      await upload.commit(repository, digest);
    } catch (error) {
      failure = { error };
      throw error;
    } finally {
      ended = true;
      tell();
      await release();
    }
  }

  /** How many bytes may be read: more than `offset`. */
  async function readable(offset: number): Promise<number> {
    for (;;) {
      if (failure !== undefined) throw failure.error;
      // With its last byte a client would take the blob for whole before anybody knows that it is.
      const size = ended ? written : Math.min(written, sizeBytes - 1);
      if (size > offset) return size;
      if (ended) throw new Error('the blob ends before its size');
      await news.promise;
    }
  }

  const done = fill();
  return {
    sizeBytes,
    done,
    async *read({ start, end }) {
      if (ended && failure === undefined) {
        yield* blobs.read(repository, digest, { start, end });
        return;
      }
      readers += 1;
      try {
        for (let offset = start; offset <= end; ) {
          const last = Math.min((await readable(offset)) - 1, end);
          for await (const chunk of upload.read({ start: offset, end: last })) {
            offset += chunk.length;
            yield chunk;
          }
        }
      } finally {
        readers -= 1;
        await release();
      }
    },
  };
}
