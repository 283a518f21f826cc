// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { LadingError } from '@lading/errors';

const tailBytes = 64 * 1024;

/** The end of a log, which can be of any size; empty for one that was not made. */
export async function readTail(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const buffer = new Uint8Array(Math.min(size, tailBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } catch (error) {
    const failure = LadingError.from(error);
    // A program that has nothing to say does not make the file.
    if (failure.reason === 'ENOENT') return '';
    throw failure;
  }
}
