// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

const lineFeed = 10;

/** No line of a tar-split file is longer: header after header without content would have to stand in it. */
const longestLine = 64 << 20;

/**
 * Cuts a text between lines: what it gives holds whole lines, of which each but the last of the text ends with a line
 * feed. The bytes are those of the chunks, and only a line that two chunks share is copied: as strings they would be
 * megabytes of new memory at each step, which costs more than all that is done with them.
 */
export async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const first = bytes.indexOf(lineFeed) + 1;
    const end = bytes.lastIndexOf(lineFeed) + 1;
    if (first > 0) {
      yield begunBytes === 0 ? bytes.subarray(0, first) : Buffer.concat([...begun, bytes.subarray(0, first)]);
      if (end > first) yield bytes.subarray(first, end);
      begun = [];
      begunBytes = 0;
    }
    begunBytes += bytes.length - end;
    if (begunBytes > longestLine) throw new LadingError(Code.DataLoss, 'a line of tar-split has no end');
    if (end < bytes.length) begun.push(bytes.subarray(end));
  }
  if (begunBytes > 0) yield Buffer.concat(begun);
}
