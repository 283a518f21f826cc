// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Up to this a file is read at once. */
const smallBytes = 1 << 20;

/**
 * The content of a regular file. A stream costs 150 µs before its first byte, ten times what it takes to read a small
 * file, of which a layer has thousands.
 */
export function readContent(path: Buffer): Uint8Array | AsyncIterable<Uint8Array> {
  // The file may have been exchanged since it was looked at: a link must not lead elsewhere, a FIFO not be waited for.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size } = fstatSync(fd);
    if (size > smallBytes) return readLarge(path);
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const read = readSync(fd, bytes, filled, size - filled, filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

async function* readLarge(path: Buffer): AsyncGenerator<Uint8Array> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(smallBytes));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
