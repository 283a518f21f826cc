// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { LadingError } from '@lading/errors';

const tailBytes = 64 * 1024;

/**
 * The last error in a log that the runtime wrote with `--log-format json`; undefined when there is none.
 * Only the end of the file is read: in a verbose mode it can be of any size.
 */
export async function lastLoggedError(path: string): Promise<string | undefined> {
  for (const line of (await readTail(path)).split('\n').reverse()) {
    const entry = parseEntry(line);
    if (entry !== undefined && (entry.level === 'error' || entry.level === 'fatal')) return entry.msg;
  }
  return undefined;
}

async function readTail(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const buffer = new Uint8Array(Math.min(size, tailBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } catch (error) {
    const failure = LadingError.from(error);
    // A runtime that has nothing to say does not make the file.
    if (failure.reason === 'ENOENT') return '';
    throw failure;
  }
}

function parseEntry(line: string): { level: string; msg: string } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('level' in value) || !('msg' in value))
      return undefined;
    const { level, msg } = value;
    return typeof level === 'string' && typeof msg === 'string' ? { level, msg } : undefined;
  } catch (error) {
    // The first line of the tail may be cut.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
