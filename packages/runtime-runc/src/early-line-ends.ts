// SPDX-License-Identifier: Apache-2.0

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Mends the line ends that a process writes before runc has set up its terminal: runc starts the process first, and has
 * the process's terminal leave line ends alone after that. Under load the first lines have their CR from both terminals,
 * CR CR LF. The first line end with fewer shows that this is over: from there on all bytes pass.
 */
export async function* mendEarlyLineEnds(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const early = { isOver: false, returns: 0, holdsReturn: false };
  for await (const chunk of source) {
    const mended = early.isOver ? chunk : mend(chunk, early);
    if (mended.length > 0) yield mended;
  }
  if (early.holdsReturn) yield Uint8Array.of(carriageReturn);
}

interface Early {
  isOver: boolean;
  /** CRs without anything between them up to here. */
  returns: number;
  /** The second of them, which may be the one too many. */
  holdsReturn: boolean;
}

function mend(chunk: Uint8Array, early: Early): Uint8Array {
  const passed = new Uint8Array(chunk.length + 1);
  let size = 0;
  for (const [index, byte] of chunk.entries()) {
    if (byte === lineFeed && !early.holdsReturn) {
      early.isOver = true;
      passed.set(chunk.subarray(index), size);
      return passed.subarray(0, size + chunk.length - index);
    }
    if (byte === carriageReturn) {
      early.returns++;
      if (early.returns === 2) early.holdsReturn = true;
      else passed[size++] = byte;
      continue;
    }
    if (early.holdsReturn && byte !== lineFeed) passed[size++] = carriageReturn;
    early.holdsReturn = false;
    early.returns = 0;
    passed[size++] = byte;
  }
  return passed.subarray(0, size);
}
