// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestAlgorithm } from '@lading/image-spec';
import type { BlobStore, ByteRange, OpenBlob } from './blob-store.ts';
import type { Locks } from './locks.ts';

/** A blob that is on its way into a store and can be read already. */
export interface BlobFill {
  /**
   * Opens it for reading along as the bytes come. The last one is given only when the digest has proved right.
   * Undefined: it was there, and has been deleted since.
   */
  open(): Promise<OpenBlob | undefined>;
  /** Settles when the blob is in the store, or will not be. */
  readonly done: Promise<void>;
}

/** What is to be filled, and from where. */
export interface BlobFillOptions {
  readonly blobs: BlobStore;
  readonly locks: Locks;
  readonly repository: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly source: AsyncIterable<Uint8Array>;
}

/** Readers hear of news so often. */
const portionBytes = 1024 * 1024;

/** Starts to write a blob. Nobody has to read for it to go on, and a slow reader does not hold it up. */
export async function startBlobFill(options: BlobFillOptions): Promise<BlobFill> {
  const { blobs, locks, repository, digest, sizeBytes } = options;
  const upload = await blobs.begin(digestAlgorithm(digest) === 'sha512' ? 'sha512' : 'sha256');
  const written = await upload.open();
  const source = options.source[Symbol.asyncIterator]();
  let readers = 0;
  let state: 'filling' | 'ended' | 'closed' = 'filling';
  let failure: { readonly error: unknown } | undefined;
  let news = Promise.withResolvers<void>();

  function tell(): void {
    news.resolve();
    news = Promise.withResolvers();
  }

  async function closeUnread(): Promise<void> {
    if (state !== 'ended' || readers > 0) return;
    state = 'closed';
    await written.close();
    await upload.discard();
  }

  /** True: there is more to come. */
  async function fillPortion(): Promise<boolean> {
    let more = true;
    async function* portion(): AsyncGenerator<Uint8Array> {
      for (let bytes = 0; bytes < portionBytes; ) {
        const next = await source.next();
        if (next.done === true) {
          more = false;
          return;
        }
        bytes += next.value.length;
        yield next.value;
      }
    }
    await upload.append(portion());
    tell();
    return more;
  }

  async function fill(): Promise<void> {
    try {
      while (await fillPortion());
      await upload.verify(digest);
      await locks.shared(repository, () => upload.publish(repository, digest));
    } catch (error) {
      failure = { error };
      throw error;
    } finally {
      await source.return?.();
      state = 'ended';
      tell();
      await closeUnread();
    }
  }

  /** How many bytes may be read: more than `offset`. */
  async function readable(offset: number): Promise<number> {
    for (;;) {
      if (failure !== undefined) throw failure.error;
      // With its last byte a client would take the blob for whole before anybody knows that it is.
      const size = state === 'filling' ? Math.min(written.size, sizeBytes - 1) : sizeBytes;
      if (size > offset) return size;
      await news.promise;
    }
  }

  async function* read({ start, end }: ByteRange): AsyncGenerator<Uint8Array> {
    for (let offset = start; offset <= end; ) {
      const last = Math.min((await readable(offset)) - 1, end);
      for await (const chunk of written.read({ start: offset, end: last })) {
        offset += chunk.length;
        yield chunk;
      }
    }
  }

  const done = fill();
  return {
    done,
    async open() {
      if (state === 'closed') {
        if (failure !== undefined) throw failure.error;
        return await blobs.open(repository, digest);
      }
      readers += 1;
      return {
        size: sizeBytes,
        read,
        async close() {
          readers -= 1;
          await closeUnread();
        },
      };
    },
  };
}
