// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import type { ByteRange } from './blob-store.ts';

/** Fits a processor's cache together with its copy on the way out: larger pieces were slower. */
const pieceBytes = 256 * 1024;

/** Reads a part of a file into two buffers in turn: one is filled while the other one is sent. */
export async function* readRange(
  file: FileHandle,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = Math.min(pieceBytes, end - start + 1);
  let [filling, other] = [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)];
  let position = start;
  const fill = () => {
    const reading = file.read(filling, 0, Math.min(bytes, end + 1 - position), position);
    reading.catch(() => undefined); // it is awaited at the next piece, if there is one
    return reading;
  };
  let reading = fill();
  try {
    while (position <= end) {
      const { bytesRead } = await reading;
      if (bytesRead === 0)
        throw new LadingError(Code.DataLoss, 'a blob ends before its size: look at the disk');
      const piece = filling.subarray(0, bytesRead);
      position += bytesRead;
      [filling, other] = [other, filling];
      if (position <= end) reading = fill();
      yield piece;
    }
  } finally {
    await reading.catch(() => undefined); // the file is not closed under a read
  }
}
