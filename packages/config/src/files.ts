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
    return decode(path, isFile ? readFileAtOnce(path) : await readSlowly(path));
  } catch (error) {
    if (error instanceof LadingError) throw error;
    const known = LadingError.from(error);
    // A folder on the way that is a file means the same: there is no such file.
    if (known.code === Code.NotFound || known.reason === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  }
}

const pieceBytes = 64 * 1024;

function readFileAtOnce(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const piece = new Uint8Array(pieceBytes);
      const length = readSync(file, piece);
      if (length === 0) return Buffer.concat(chunks);
      size += length;
      checkSize(path, size);
      chunks.push(piece.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}

async function readSlowly(path: string): Promise<Uint8Array> {
  const { open } = await import('node:fs/promises');
  const chunks: Uint8Array[] = [];
  let size = 0;
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(pieceBytes));
      if (bytesRead === 0) return Buffer.concat(chunks);
      size += bytesRead;
      checkSize(path, size);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

function checkSize(path: string, size: number): void {
  if (size <= fileLimitBytes) return;
  throw new LadingError(Code.ResourceExhausted, `${path} is longer than ${fileLimitBytes} bytes`);
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
