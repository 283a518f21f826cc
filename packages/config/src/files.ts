// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';

/** No configuration that a person or a tool writes is longer; `/dev/zero` is. */
const fileLimitBytes: number = 4 * 1024 * 1024;

/**
 * The text of a file, undefined when there is none.
 *
 * @throws ResourceExhausted above 4 MiB; InvalidArgument when it is not UTF-8; PermissionDenied and others
 * as the system says
 */
export async function readText(path: string, signal?: AbortSignal): Promise<string | undefined> {
  signal?.throwIfAborted();
  try {
    // Read at once: threads and promises take longer to start than a short command. A pipe may keep its reader waiting.
    const isFile = statSync(path).isFile();
    return decode(path, await (isFile ? readAtOnce(path) : readSlowly(path)));
  } catch (error) {
    if (error instanceof LadingError) throw error;
    const known = LadingError.from(error);
    // A folder on the way that is a file means the same: there is no such file.
    if (known.code === Code.NotFound || known.reason === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  }
}

async function readAtOnce(path: string): Promise<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    return await readLimited(path, (piece) => readSync(file, piece));
  } finally {
    closeSync(file);
  }
}

async function readSlowly(path: string): Promise<Uint8Array> {
  const { open } = await import('node:fs/promises');
  const file = await open(path, 'r');
  try {
    return await readLimited(path, async (piece) => (await file.read(piece)).bytesRead);
  } finally {
    await file.close();
  }
}

/** @param read fills a piece, and says with how many bytes */
async function readLimited(
  path: string,
  read: (piece: Uint8Array) => number | Promise<number>,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const piece = new Uint8Array(64 * 1024);
    const length = await read(piece);
    if (length === 0) return Buffer.concat(chunks);
    size += length;
    if (size > fileLimitBytes) {
      throw new LadingError(Code.ResourceExhausted, `${path} is longer than ${fileLimitBytes} bytes`);
    }
    chunks.push(piece.subarray(0, length));
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new LadingError(Code.InvalidArgument, `${path} is not a text in UTF-8`, { cause });
  }
}

function unreadable(path: string, cause: unknown): LadingError {
  const { code, reason, message } = LadingError.from(cause);
  return new LadingError(code, `cannot read ${path}: ${reason ?? message}`, {
    ...(reason === undefined ? {} : { reason }),
    cause,
  });
}

/** The paths of the `*.conf` files of a folder, in the order of their names; none when there is no folder. */
export function listDropIns(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries
      .filter((entry) => entry.name.endsWith('.conf') && !entry.isDirectory())
      .map(({ name }) => name)
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    const known = LadingError.from(error);
    if (known.code === Code.NotFound || known.reason === 'ENOTDIR') return [];
    throw unreadable(directory, error);
  }
}
