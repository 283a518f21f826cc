// SPDX-License-Identifier: Apache-2.0
import { type FileHandle, open, readdir } from 'node:fs/promises';
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
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    const known = LadingError.from(error);
    // A folder on the way that is a file means the same: there is no such file.
    if (known.code === Code.NotFound || known.reason === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  }
  try {
    return decode(path, await readLimited(path, file));
  } catch (error) {
    throw error instanceof LadingError ? error : unreadable(path, error);
  } finally {
    await file.close();
  }
}

async function readLimited(path: string, file: FileHandle): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(64 * 1024));
    if (bytesRead === 0) return Buffer.concat(chunks);
    size += bytesRead;
    if (size > fileLimitBytes) {
      throw new LadingError(Code.ResourceExhausted, `${path} is longer than ${fileLimitBytes} bytes`);
    }
    chunks.push(buffer.subarray(0, bytesRead));
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
export async function listDropIns(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
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
