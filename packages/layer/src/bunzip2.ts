// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { createBitReader, OutOfBits } from './bit-reader.ts';

/** What an honest block may take, compressed as badly as can be. */
const blockBytes = 1 << 20;
const mostBlockBytes = 16 << 20;
const outputBytes = 1 << 20;

/**
 * Decompresses bzip2, of one stream or several. A block is worked off before the next one is asked for: the stream face
 * of the library works off all that it was given at once, and a bomb of 40-byte blocks, which give 45 MB each, would
 * fill the memory before anyone could count.
 *
 * @throws LadingError `data_loss` from the iteration
 */
export async function* bunzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { default: bzip2 } = await import('unbzip2-stream/lib/bzip2.js');
  const input = createBitReader();
  const chunks = source[Symbol.asyncIterator]();
  let isOver = false;
  const fill = async (wantedBytes: number): Promise<void> => {
    const more: Uint8Array[] = [];
    for (let size = input.leftBytes(); size < wantedBytes && !isOver; ) {
      const next = await chunks.next();
      if (next.done) isOver = true;
      else {
        more.push(next.value);
        size += next.value.length;
      }
    }
    input.add(more);
  };
  let level = 0; // 0: between streams
  let checksum: number | null = null;
  let work = new Int32Array();

  for (let wantedBytes = blockBytes; ; ) {
    await fill(wantedBytes);
    if (level === 0 && !input.startsWith('BZh')) break; // as with gzip, what follows the last stream is not ours
    const before = input.place();
    const output = createOutput();
    try {
      if (level === 0) {
        level = bzip2.header(input.bits);
        if (work.length !== 100_000 * level) work = new Int32Array(100_000 * level);
        checksum = 0;
        continue;
      }
      checksum = bzip2.decompress(input.bits, output.emit, work, work.length, checksum ?? 0);
    } catch (cause) {
      if (!(cause instanceof OutOfBits)) {
        throw new LadingError(Code.DataLoss, 'the bzip2 stream is broken', { cause });
      }
      if (isOver || wantedBytes >= mostBlockBytes) {
        throw new LadingError(
          Code.DataLoss,
          `the bzip2 stream is broken: ${isOver ? 'it is cut' : 'a block has no end'}`,
        );
      }
      input.goBack(before);
      wantedBytes *= 2;
      continue;
    }
    wantedBytes = blockBytes;
    if (checksum === null) level = 0;
    yield* output.chunks();
  }
  while (!isOver) isOver = (await chunks.next()).done ?? false;
}

/** Gathers single bytes in large pieces. */
function createOutput(): { emit(byte: number): void; chunks(): Iterable<Uint8Array> } {
  const full: Uint8Array[] = [];
  let piece = new Uint8Array();
  let filled = 0;
  return {
    emit(byte) {
      if (filled === piece.length) {
        if (filled > 0) full.push(piece);
        piece = new Uint8Array(outputBytes);
        filled = 0;
      }
      piece[filled++] = byte;
    },
    *chunks() {
      yield* full;
      if (filled > 0) yield piece.subarray(0, filled);
    },
  };
}
