// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { ContentSource } from './image-store.ts';
import { createMemoryPool } from './memory-pool.ts';
import { temporaryPath } from './temporary-file.ts';

const readBytes = 256 * 1024;
const mostFree = 8;
/** A socket gives 256 KiB at a time at most, and each write goes through the thread pool: together they go there seldom. */
const batchBytes = 1024 * 1024;
const batchChunks = 256;
/** Written side by side: on one core a write waits for the next turn of the event loop to be followed by another. */
const mostPending = 4;

/**
 * Writes a file as a whole: until all of it is there, readers see the old one or none. A failure leaves
 * nothing. The unfinished file is in the same folder, under a name that nobody guesses. A megabyte is written
 * while the next one arrives, and chunks go back to the source (`recycle`).
 *
 * @example
 * ```ts
 * import { mkdtemp, readFile, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { replaceFile } from '@lading/registry-client/layout';
 *
 * async function* source() {
 *   yield new TextEncoder().encode('as it ');
 *   yield new TextEncoder().encode('comes');
 * }
 * const folder = await mkdtemp(join(tmpdir(), 'lading-'));
 * const path = join(folder, 'file');
 * await replaceFile(path, source());
 * console.log(await readFile(path, 'utf8')); // → as it comes
 * await rm(folder, { recursive: true });
 * ```
 */
export async function replaceFile(
  path: string,
  source: ContentSource,
  { sync = false, signal }: { readonly sync?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const temporary = temporaryPath(dirname(path));
  try {
    await using file = await open(temporary, 'wx', 0o644);
    await writeStream(file, source);
    if (sync) await file.datasync();
    if (signal?.aborted) throw LadingError.from(signal.reason, Code.Canceled);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes some batches while the next is on its way and hashed. */
async function writeStream(file: FileHandle, source: ContentSource): Promise<void> {
  const pending: Promise<void>[] = [];
  let batch: Uint8Array[] = [];
  let start = 0;
  let end = 0;
  const flush = (): void => {
    const write = writeBatch(file, batch, start, source);
    write.catch(() => undefined); // thrown where it is awaited
    pending.push(write);
    batch = [];
    start = end;
  };
  try {
    for await (const chunk of source) {
      batch.push(chunk);
      end += chunk.length;
      if (end - start < batchBytes && batch.length < batchChunks) continue;
      flush();
      if (pending.length >= mostPending) await pending.shift();
    }
    if (batch.length > 0) flush();
  } finally {
    await Promise.all(pending);
  }
}

/** One write may take less than all, at the end of a disk for example. */
async function writeBatch(
  file: FileHandle,
  chunks: readonly Uint8Array[],
  start: number,
  source: ContentSource,
): Promise<void> {
  let { bytesWritten: done } = await file.writev(chunks, start);
  let at = start;
  for (const chunk of chunks) {
    let offset = Math.min(done, chunk.length);
    done -= offset;
    while (offset < chunk.length) {
      offset += (await file.write(chunk, offset, chunk.length - offset, at + offset)).bytesWritten;
    }
    at += chunk.length;
    source.recycle?.(chunk);
  }
}

/** The bytes of a regular file from `offset` on. @throws NotFound (`reason`) */
export function readFileFrom(path: string, offset: number, what: string, reason: string): ContentSource {
  const { take, release } = createMemoryPool(readBytes, mostFree);

  async function* read(): AsyncGenerator<Uint8Array> {
    await using file = await openFile(path, what, reason);
    for (let at = offset; ; ) {
      const { bytesRead, buffer } = await file.read(take(), 0, readBytes, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  return Object.assign(read(), { recycle: ({ buffer }: Uint8Array) => release(buffer) });
}

/**
 * Opens a regular file to read it. A pipe in its place would keep us waiting for its writer, so nothing is waited for.
 *
 * @param what names it where it is missing, such as `the blob sha256:…`
 * @throws NotFound (`reason`), InvalidArgument of what is no file
 *
 * @example
 * ```ts
 * import { openFile } from '@lading/registry-client/layout';
 *
 * await using file = await openFile('/etc/hostname', 'the name of this machine', 'NO_NAME');
 * console.log((await file.stat()).isFile()); // → true
 * ```
 */
export async function openFile(path: string, what: string, reason: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const known = LadingError.from(cause);
    if (known.code !== Code.NotFound) throw known;
    throw new LadingError(Code.NotFound, `${what} is not there (${path})`, { reason, cause });
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new LadingError(Code.InvalidArgument, `${path} is not a file`);
}
