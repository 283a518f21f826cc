// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

const magicRest = [0x37, 0x7a, 0x58, 0x5a, 0x00];
/** Sizes of the checks by their ids. */
const checkBytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const footerBytes = 12;

/** What the walk wants next: one byte to see, one that may be padding between streams, or so many that are only counted. */
type Wanted = 'byte' | 'between' | number;

/** Follows the structure of a file of xz. @see https://tukaani.org/xz/xz-file-format.txt sections 2 to 4 */
function* structure(): Generator<Wanted, never, number> {
  for (;;) {
    let paddingBytes = 0;
    let first = yield 'between';
    for (; first === 0; first = yield 'between') paddingBytes += 1;
    if (first !== 0xfd || paddingBytes % 4 !== 0)
      throw brokenXz('something that is no stream follows a stream');
    for (const byte of magicRest) {
      if ((yield 'byte') !== byte) throw brokenXz('something that is no stream follows a stream');
    }
    yield 1;
    const checkId = (yield 'byte') & 0xf;
    yield 4;
    for (let size = yield 'byte'; size !== 0; size = yield 'byte') {
      yield size * 4 + 3;
      const dataBytes = yield* chunks();
      const rest = (-dataBytes & 3) + (checkBytes[checkId] ?? 0);
      if (rest > 0) yield rest;
    }
    yield* index();
  }
}

/** The chunks of LZMA2, the last filter of every block; gives how many bytes they are. */
function* chunks(): Generator<Wanted, number, number> {
  for (let total = 1; ; ) {
    const control = yield 'byte';
    if (control === 0) return total;
    if (control > 2 && control < 0x80) throw brokenXz('a chunk has an unknown control byte');
    const isCompressed = control >= 0x80;
    if (isCompressed) yield 2;
    const high = yield 'byte';
    const dataBytes = high * 256 + (yield 'byte') + 1 + (control >= 0xc0 ? 1 : 0);
    yield dataBytes;
    total += dataBytes + (isCompressed ? 5 : 3);
  }
}

/** From behind the byte that says that it is no block, to the end of the stream. */
function* index(): Generator<Wanted, void, number> {
  let sizeBytes = 1;
  const number = function* (): Generator<Wanted, number, number> {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = yield 'byte';
      sizeBytes += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      if (scale > 2 ** 56) throw brokenXz('a number of the index has no end');
    }
  };
  const records = yield* number();
  for (let i = 0; i < records; i++) {
    yield* number();
    yield* number();
  }
  yield (-sizeBytes & 3) + 4 + footerBytes;
}

/** Finds where the streams of a file begin and end. */
export interface XzWalk {
  /** Takes bytes from a place on; gives how many. They are of one kind: of a stream, or of the padding between two. */
  take(chunk: Uint8Array, at: number): number;
  /** True before a stream, and from its last byte on. */
  isBetween(): boolean;
}

/**
 * The decompressor ends with the first stream, but parallel compressors and `cat` make files of several.
 *
 * @throws LadingError `data_loss` from `take` for what is no xz
 */
export function createXzWalk(): XzWalk {
  const steps = structure();
  let wanted = steps.next().value;
  return {
    take(chunk, at) {
      if (typeof wanted !== 'number') {
        wanted = steps.next(chunk[at] ?? 0).value;
        return 1;
      }
      const size = Math.min(wanted, chunk.length - at);
      wanted = size === wanted ? steps.next(0).value : wanted - size;
      return size;
    },
    isBetween: () => wanted === 'between',
  };
}

export function brokenXz(why: string, cause?: unknown): LadingError {
  return new LadingError(Code.DataLoss, `the xz stream is broken: ${why}`, { cause });
}
