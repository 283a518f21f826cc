// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { type FileHandle, stat } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, verifyStream } from '@lading/image-spec';
import type { ContentSource } from '@lading/registry-client';
import { openFile, replaceFile as writeFileFrom } from '@lading/registry-client/layout';
import { once } from './once.ts';
import { documentLimitBytes, tooLarge } from './read-small.ts';
import type { BlobOptions } from './types.ts';
import { markVerified, passing, verifiedBytes } from './verified.ts';
import { withProgress } from './with-progress.ts';

const readBytes = 256 * 1024;

/** Bytes of a regular file, verified while they flow. @throws NotFound (`BLOB_UNKNOWN`), DataLoss */
export function readBlobFile(
  path: string,
  descriptor: Descriptor,
  options: BlobOptions = {},
): AsyncIterable<Uint8Array> {
  return markVerified(verifiedFile(path, descriptor, options), descriptor.digest);
}

async function* verifiedFile(
  path: string,
  descriptor: Descriptor,
  progress: BlobOptions,
): AsyncGenerator<Uint8Array> {
  const { digest, size } = descriptor;
  const { signal } = progress;
  await using file = await openFile(path, `the blob ${digest}`, 'BLOB_UNKNOWN');
  const found = await file.stat();
  if (found.size !== size) {
    throw new LadingError(Code.DataLoss, `the blob ${digest} has ${found.size} bytes instead of ${size}`, {
      reason: found.size < size ? 'TRUNCATED' : 'SIZE_MISMATCH',
    });
  }
  const options = signal === undefined ? {} : { signal };
  yield* withProgress(verifyStream(chunks(file), { digest, size }, createHash, options), progress);
}

async function* chunks(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(readBytes));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The bytes of a document of at most 4 MiB. */
export async function readDocument(path: string, what: string, reason: string): Promise<Uint8Array> {
  await using file = await openFile(path, what, reason);
  if ((await file.stat()).size > documentLimitBytes) throw tooLarge(what);
  return new Uint8Array(await file.readFile());
}

/** How large the file of a blob is. @throws NotFound (`BLOB_UNKNOWN`) */
export async function blobFileSize(path: string, digest: Digest): Promise<number> {
  await using file = await openFile(path, `the blob ${digest}`, 'BLOB_UNKNOWN');
  return (await file.stat()).size;
}

/** True when a file of this size is there. */
export async function hasFile(path: string, size: number): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size === size;
  } catch (error) {
    if (LadingError.from(error).code === Code.NotFound) return false;
    throw error;
  }
}

/** Writes a blob that is verified while it flows: it is in its place when all of it is right. A failure leaves nothing. */
export async function writeBlobFile(
  path: string,
  descriptor: Descriptor,
  source: ContentSource,
  options: BlobOptions = {},
): Promise<void> {
  const { signal } = options;
  const bytes = verifiedBytes(source, descriptor, signal);
  // A machine that goes down must not leave a blob under its name whose bytes never came to the disk.
  await writeFileFrom(path, passing(bytes, withProgress(bytes, options)), { sync: true, signal });
}

/** One `write` may take less than all, at the end of a disk for example. */
export async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < chunk.length) offset += (await file.write(chunk, offset)).bytesWritten;
}

/** Writes a file as a whole: readers see the old one or the new one. */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  await writeFileFrom(path, once(typeof bytes === 'string' ? Buffer.from(bytes) : bytes), { sync: true });
}
