// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import type { ContentSource } from './image-store.ts';

/**
 * Where the bytes of an upload come from. A function is called once a try and gives the same bytes each
 * time, from the first on. An object with `openAt` gives them from any offset, so that an upload which goes
 * on after a broken connection does not read again what the registry has.
 */
export type BlobSource = (() => ContentSource) | SeekableSource;

/** A source that can begin anywhere, as a file can. */
export interface SeekableSource {
  openAt(offset: number): ContentSource;
}

/** Reads parts of a source, one after the other as a rule, and again from earlier on where a try failed. */
export interface SourceReader {
  /** Bytes `start` to before `end`. @throws InvalidArgument (`SIZE_MISMATCH`) for a source of another size */
  read(start: number, end: number): AsyncGenerator<Uint8Array> & ContentSource;
  /** Lets go of the source. */
  close(): void;
}

interface Opened {
  readonly content: ContentSource;
  readonly iterator: AsyncIterator<Uint8Array>;
  /** Where in the blob `rest` begins. */
  position: number;
  /** What was read and not yet given. */
  rest: Uint8Array;
  /** `rest` is what is left of a chunk. */
  cut: boolean;
  /** A read that was left may still be waiting for its next bytes: such an iterator is not used again. */
  busy: boolean;
}

const nothing = new Uint8Array();

/** Holds a source to the size that was announced; its digest is the registry's to check, and it must. */
export function createSourceReader(
  source: BlobSource,
  { digest, size }: { readonly digest: Digest; readonly size: number },
  onBytes: (position: number) => void = () => undefined,
): SourceReader {
  let current: Opened | undefined;

  const wrongSize = (has: string) =>
    new LadingError(
      Code.InvalidArgument,
      `the source of ${digest} has ${has} than the ${size} bytes announced`,
      { reason: 'SIZE_MISMATCH' },
    );

  function close(): void {
    // Not waited for: an iterator that is busy ends when its read does, and its failure is no news.
    current?.iterator.return?.()?.catch(() => undefined);
    current = undefined;
  }

  function open(start: number): Opened {
    close();
    const seekable = typeof source !== 'function';
    const content = seekable ? source.openAt(start) : source();
    const opened = {
      content,
      iterator: content[Symbol.asyncIterator](),
      position: seekable ? start : 0,
      rest: nothing,
      cut: false,
      busy: false,
    };
    current = opened;
    return opened;
  }

  /** Makes `rest` not empty; false at the end of the source. */
  async function fill(opened: Opened): Promise<boolean> {
    while (opened.rest.length === 0) {
      const next = await opened.iterator.next();
      if (next.done === true) return false;
      opened.rest = next.value;
    }
    return true;
  }

  function take(opened: Opened, longest: number): Uint8Array {
    const chunk = opened.rest.length <= longest ? opened.rest : opened.rest.subarray(0, longest);
    opened.rest = opened.rest.subarray(chunk.length);
    opened.position += chunk.length;
    return chunk;
  }

  /** Where the chunks come from that were handed on whole; of one that was cut, the rest may not be sent yet. */
  const whole = new WeakMap<Uint8Array, ContentSource>();

  async function* read(start: number, end: number): AsyncGenerator<Uint8Array> {
    const reusable = current !== undefined && !current.busy && current.position === start;
    const opened = reusable && current !== undefined ? current : open(start);
    opened.busy = true;
    try {
      while (opened.position < start) {
        if (!(await fill(opened))) throw wrongSize('less');
        take(opened, start - opened.position);
        opened.cut = opened.rest.length > 0;
      }
      while (opened.position < end) {
        if (!(await fill(opened))) throw wrongSize('less');
        const { rest } = opened;
        const chunk = take(opened, end - opened.position);
        if (chunk === rest && !opened.cut) whole.set(chunk, opened.content);
        opened.cut = opened.rest.length > 0;
        yield chunk;
        onBytes(opened.position);
      }
      if (end === size && (await fill(opened))) throw wrongSize('more');
    } finally {
      opened.busy = false;
    }
  }

  return {
    close,
    read: (start, end) =>
      Object.assign(read(start, end), {
        recycle(chunk: Uint8Array): void {
          whole.get(chunk)?.recycle?.(chunk);
          whole.delete(chunk);
        },
      }),
  };
}
