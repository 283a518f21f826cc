// SPDX-License-Identifier: Apache-2.0
import type { ByteRange } from './blob-store.ts';

/**
 * One range of bytes; undefined where there is none, or several, or one in other units: then the whole is the
 * right answer. A range that ends before it begins is refused, which the RFC leaves to the server.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  if (header === undefined) return undefined;
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header) ?? [];
  if (first === '' && last === '') return undefined;
  // Numbers beyond 2^53 lose their last digits here, and are beyond any blob all the same.
  if (first === '') {
    const start = Math.max(0, size - Number(last));
    return Number(last) === 0 || size === 0 ? 'unsatisfiable' : { start, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start >= size || end < start ? 'unsatisfiable' : { start, end };
}

/** A chunk's place: the first byte, and how many there are. */
export interface ChunkRange {
  readonly start: number;
  readonly bytes: number;
}

/** The Content-Range of a chunk, as the distribution-spec has it or as the RFC has it; undefined: not valid. */
export function parseChunkRange(header: string): ChunkRange | undefined {
  const [, first, last] = /^(?:bytes )?(\d{1,16})-(\d{1,16})(?:\/(?:\d{1,16}|\*))?$/.exec(header) ?? [];
  const [start, end] = [Number(first), Number(last)];
  // The byte after the last one has a number too.
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end + 1) || end < start) return undefined;
  return { start, bytes: end - start + 1 };
}
