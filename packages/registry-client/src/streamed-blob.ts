// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '@lading/image-spec';
import type { ContentSource } from './image-store.ts';
import { readUpTo } from './limits.ts';

/** What a blob is known by. */
type BlobName = Pick<Descriptor, 'digest' | 'size'>;

/** A blob whose bytes come into being while they are read, such as a layer that is compressed. */
export interface StreamedBlob {
  readonly chunks: ContentSource;
  /** What the bytes were, once they have been read to the end. What it throws ends an upload without a blob. */
  result(): BlobName;
}

/** Reads a blob in parts; one that was read already is made again, since nobody has kept it. */
export interface StreamReader {
  /** How far any read has come. */
  readonly furthest: number;
  /** All bytes from an offset on. */
  read(offset: number): ContentSource;
  /** So many bytes from an offset on; fewer at the end. */
  take(offset: number, longest: number): Promise<Uint8Array>;
  /** What all bytes were. */
  result(): BlobName;
  /** The same, as far as a read has come to the end. */
  known(): BlobName | undefined;
  close(): void;
}

interface Opened {
  readonly blob: StreamedBlob;
  readonly iterator: AsyncIterator<Uint8Array>;
  /** Where `rest` begins. */
  position: number;
  rest: Uint8Array;
  isAtEnd: boolean;
  /** A read that was left may still wait for its next bytes: such an iterator is not used again. */
  isBusy: boolean;
}

const nothing = new Uint8Array();

export function createStreamReader(
  source: () => StreamedBlob,
  onBytes: (position: number) => void,
): StreamReader {
  let current: Opened | undefined;
  let furthest = 0;
  let found: BlobName | undefined;

  function close(): void {
    // Not waited for: an iterator that is busy ends when its read does, and its failure is no news.
    current?.iterator.return?.()?.catch(() => undefined);
    current = undefined;
  }

  function openAt(offset: number): Opened {
    if (current !== undefined && !current.isBusy && current.position <= offset) return current;
    close();
    const blob = source();
    const iterator = blob.chunks[Symbol.asyncIterator]();
    current = { blob, iterator, position: 0, rest: nothing, isAtEnd: false, isBusy: false };
    return current;
  }

  /** The next bytes, `longest` of them at most; nothing at the end. */
  async function next(opened: Opened, longest: number): Promise<Uint8Array> {
    if (opened.rest.length === 0 && !opened.isAtEnd) {
      const { done, value } = await opened.iterator.next();
      if (done === true) opened.isAtEnd = true;
      else opened.rest = value;
      // An empty chunk says nothing.
      if (done !== true && value.length === 0) return next(opened, longest);
    }
    const chunk = opened.rest.length <= longest ? opened.rest : opened.rest.subarray(0, longest);
    opened.rest = opened.rest.subarray(chunk.length);
    opened.position += chunk.length;
    furthest = Math.max(furthest, opened.position);
    return chunk;
  }

  async function* chunksFrom(opened: Opened, offset: number, end: number): AsyncGenerator<Uint8Array> {
    opened.isBusy = true;
    try {
      while (opened.position < offset) {
        const passed = await next(opened, offset - opened.position);
        if (passed.length === 0) return;
      }
      while (opened.position < end) {
        const chunk = await next(opened, end - opened.position);
        if (chunk.length === 0) return;
        yield chunk;
        onBytes(opened.position);
      }
    } finally {
      opened.isBusy = false;
    }
  }

  return {
    get furthest() {
      return furthest;
    },
    read(offset) {
      const opened = openAt(offset);
      const chunks = chunksFrom(opened, offset, Number.POSITIVE_INFINITY);
      return Object.assign(chunks, { recycle: (chunk: Uint8Array) => opened.blob.chunks.recycle?.(chunk) });
    },
    async take(offset, longest) {
      return (await readUpTo(chunksFrom(openAt(offset), offset, offset + longest), longest)).bytes;
    },
    result() {
      found = current?.blob.result();
      if (found === undefined) throw new TypeError('the blob has not been read to its end');
      return found;
    },
    known: () => found,
    close,
  };
}
