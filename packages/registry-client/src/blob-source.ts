// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';

/**
 * Where the bytes of an upload come from. A function is called once a try and gives the same bytes each
 * time, from the first on. An object with `openAt` gives them from any offset, so that an upload which goes
 * on after a broken connection does not read again what the registry has.
 */
export type BlobSource = (() => AsyncIterable<Uint8Array>) | SeekableSource;

/** A source that can begin anywhere, as a file can. */
export interface SeekableSource {
  openAt(offset: number): AsyncIterable<Uint8Array>;
}

/** Reads parts of a source, one after the other as a rule, and again from earlier on where a try failed. */
export interface SourceReader {
  /** Bytes `start` to before `end`. @throws InvalidArgument (`SIZE_MISMATCH`) for a source of another size */
  read(start: number, end: number): AsyncGenerator<Uint8Array>;
  /** Lets go of the source. */
  close(): void;
}

interface Opened {
  readonly iterator: AsyncIterator<Uint8Array>;
  /** Where in the blob `rest` begins. */
  position: number;
  /** What was read and not yet given. */
  rest: Uint8Array;
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
    const opened = {
      iterator: (seekable ? source.openAt(start) : source())[Symbol.asyncIterator](),
      position: seekable ? start : 0,
      rest: nothing,
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

  return {
    close,
    async *read(start, end) {
      const reusable = current !== undefined && !current.busy && current.position === start;
      const opened = reusable && current !== undefined ? current : open(start);
      opened.busy = true;
      try {
        while (opened.position < start) {
          if (!(await fill(opened))) throw wrongSize('less');
          take(opened, start - opened.position);
        }
        while (opened.position < end) {
          if (!(await fill(opened))) throw wrongSize('less');
          yield take(opened, end - opened.position);
          onBytes(opened.position);
        }
        if (end === size && (await fill(opened))) throw wrongSize('more');
      } finally {
        opened.busy = false;
      }
    },
  };
}
