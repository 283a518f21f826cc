// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Digest, type DigestAlgorithm, digestAlgorithm, digestHex } from '@lading/image-spec';
import type { Upload } from './blob-store.ts';
import { readRange } from './read-range.ts';
import { digestMismatch, sizeMismatch } from './spec-error.ts';

const batchBytes = 1024 * 1024;

/** Where the bytes of an upload are, and what becomes of them. */
export interface UploadFile {
  readonly path: string;
  readonly algorithm: DigestAlgorithm;
  /** What an earlier process wrote. */
  readonly size: number;
  publish(repository: string, digest: Digest): Promise<void>;
  discard(): Promise<void>;
}

/**
 * An upload whose state is its file. The hash of what is in the file is kept in memory only to save reading
 * it again: after a failure to write, or in a new process, it is read again.
 */
export function createFileUpload({ path, algorithm, publish, discard, ...stored }: UploadFile): Upload {
  let size = stored.size;
  /** The hash of the first `hashed` bytes: of use only while that is all of them, and NaN is none. */
  let running = createHash(algorithm);
  let hashed = size === 0 ? 0 : Number.NaN;

  async function write(file: FileHandle, source: AsyncIterable<Uint8Array>, end: number): Promise<void> {
    let batch: Uint8Array[] = [];
    let waiting = 0;
    let received = size;
    let writing: Promise<number> = Promise.resolve(size);
    // One batch is written while the next one arrives.
    const flush = async () => {
      size = await writing;
      writing = writeAll(file, batch, size);
      writing.catch(() => undefined); // the next flush, or the last line of this function, hears of it
      [batch, waiting] = [[], 0];
    };
    try {
      for await (const chunk of source) {
        if (hashed === received) {
          running.update(chunk);
          hashed += chunk.length;
        }
        received += chunk.length;
        batch.push(chunk);
        waiting += chunk.length;
        if (received > end) break;
        if (waiting >= batchBytes) await flush();
      }
    } finally {
      await flush();
      size = await writing;
    }
  }

  return {
    get size() {
      return size;
    },
    async append(source, expectedBytes = Infinity) {
      const start = size;
      const end = start + expectedBytes;
      if (size === 0) [running, hashed] = [createHash(algorithm), 0];
      await using file = await open(path, 'r+');
      try {
        await write(file, source, end);
        if (end === Infinity || end === size) return;
        size = start;
        throw sizeMismatch();
      } finally {
        if (hashed !== size) hashed = Number.NaN;
        // What was refused, or written in part, is not there for the next process either.
        await file.truncate(size);
      }
    },
    async open() {
      const file = await open(path, 'r');
      return {
        get size() {
          return size;
        },
        read: (range) => readRange(file, range),
        close: () => file.close(),
      };
    },
    async verify(digest) {
      const known = hashed === size && digestAlgorithm(digest) === algorithm;
      const hash = known ? running.copy() : await hashFile(path, digestAlgorithm(digest));
      if (hash.digest('hex') !== digestHex(digest)) throw digestMismatch();
      await using file = await open(path, 'r');
      await file.datasync();
    },
    publish,
    discard,
  };
}

/** Resolves with where the bytes end. */
async function writeAll(file: FileHandle, chunks: readonly Uint8Array[], start: number): Promise<number> {
  let position = start;
  for (let rest = chunks; rest.length > 0; ) {
    const { bytesWritten } = await file.writev(rest, position);
    position += bytesWritten;
    rest = after(rest, bytesWritten);
  }
  return position;
}

/** What is left of `chunks` after their first `bytes`. */
function after(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  return chunks.flatMap((chunk) => {
    const left = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - left.length;
    return left.length === 0 ? [] : [left];
  });
}

async function hashFile(path: string, algorithm: string): Promise<Hash> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: batchBytes })) hash.update(chunk);
  return hash;
}
