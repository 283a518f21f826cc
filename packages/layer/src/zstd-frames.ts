// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50; // to …5f

type Step =
  /** Bytes that must be seen to know what comes next. */
  | 'magic'
  | 'skippable size'
  | 'descriptor'
  | 'block header'
  /** Bytes that are only counted. */
  | 'skippable'
  | 'rest of header'
  | 'block'
  | 'last block'
  | 'checksum';

const isSeen: Readonly<Partial<Record<Step, true>>> = {
  magic: true,
  'skippable size': true,
  descriptor: true,
  'block header': true,
};

/**
 * Cuts a zstd stream so that no piece reaches over the end of a frame, and leaves skippable frames out. Node's
 * decompressor takes what follows a frame in the same write for garbage and drops it without a word, but goes on with
 * the next frame in the next write. Layers of several frames are common: pzstd and zstd:chunked make them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3
 * @throws LadingError `data_loss` from the iteration, for bytes that are no frame
 */
export async function* zstdFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const walk = createWalk();
  /** Bytes of a magic number that earlier chunks ended with: whether they are kept is not known yet. */
  let held = Buffer.alloc(0);
  for await (const chunk of source) {
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      const before = walk.place();
      at += walk.take(chunk, at);
      const after = walk.place();
      if (before === after) continue;
      if (before === 'between' && after === 'frame') {
        if (held.length > 0) yield held;
      } else {
        if (before === 'frame') yield chunk.subarray(from, at);
        from = at;
      }
      if (after !== 'between') held = Buffer.alloc(0);
    }
    if (walk.place() === 'frame' && from < chunk.length) yield chunk.subarray(from);
    if (walk.place() === 'between') held = Buffer.concat([held, chunk.subarray(from)]);
  }
  if (held.length > 0 || walk.place() === 'skippable') throw broken('it ends in the middle of a frame');
}

/** Follows the structure of the frames. `between` holds from the end of one to the end of the next magic number. */
function createWalk(): {
  place(): 'between' | 'frame' | 'skippable';
  take(chunk: Uint8Array, at: number): number;
} {
  let step: Step = 'magic';
  let need = 4;
  let value = 0; // of the bytes seen in this step, little-endian
  let seen = 0;
  let hasChecksum = false;

  const go = (next: Step, length: number): void => {
    step = next;
    need = length;
    value = 0;
    seen = 0;
    if (length === 0) finish();
  };
  const finish = (): void => {
    if (step === 'magic') {
      if (value === frameMagic) go('descriptor', 1);
      else if ((value & 0xfffffff0) >>> 0 === skippableMagic) go('skippable size', 4);
      else throw broken('something that is no frame follows a frame');
    } else if (step === 'skippable size') go('skippable', value);
    else if (step === 'descriptor') {
      hasChecksum = (value & 4) !== 0;
      go('rest of header', restOfHeader(value));
    } else if (step === 'rest of header' || step === 'block') go('block header', 3);
    else if (step === 'block header') {
      const isRepeated = ((value >>> 1) & 3) === 1; // one byte stands for the whole block
      go(value & 1 ? 'last block' : 'block', isRepeated ? 1 : value >>> 3);
    } else if (step === 'last block' && hasChecksum) go('checksum', 4);
    else go('magic', 4);
  };

  return {
    place() {
      if (step === 'magic') return 'between';
      return step === 'skippable' || step === 'skippable size' ? 'skippable' : 'frame';
    },
    take(chunk, at) {
      const size = Math.min(need, chunk.length - at);
      if (isSeen[step]) {
        for (let i = 0; i < size; i++) value = (value | ((chunk[at + i] ?? 0) << (8 * seen++))) >>> 0;
      }
      need -= size;
      if (need === 0) finish();
      return size;
    },
  };
}

/** Length of a frame header after its descriptor: window, dictionary id and content size, each there or not. */
function restOfHeader(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  const dictionaryId = [0, 1, 2, 4][descriptor & 3] ?? 0;
  return (isSingleSegment ? 0 : 1) + dictionaryId + contentSize;
}

function broken(why: string): LadingError {
  return new LadingError(Code.DataLoss, `the zstd stream is broken: ${why}`);
}
