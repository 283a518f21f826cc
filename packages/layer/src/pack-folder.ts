// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import { readTree, type TreeEntry } from './read-tree.ts';
import { encodeHeader, endOfArchive, paddingAfter } from './tar-encode.ts';
import { shown } from './tar-header.ts';

export interface PackOptions {
  /** Later times are cut to this one, as SOURCE_DATE_EPOCH wants it. Default: none are cut. */
  readonly mtime?: Date;
  readonly signal?: AbortSignal;
}

const blockBytes = 256 << 10;

/**
 * The tar of a folder, without the folder itself: names sorted by bytes, canonical headers, whole seconds, hard links
 * by inode, the same bytes for the same tree wherever it is made. Of the extended attributes `security.capability`
 * and `user.*` are kept. Sockets are left out: a tar cannot hold them.
 *
 * @throws LadingError `aborted` when a file shrinks while it is read; `invalid_argument` for a name of an extended
 * attribute that a tar cannot hold
 */
export async function* packFolder(directory: string, options: PackOptions = {}): AsyncGenerator<Uint8Array> {
  try {
    yield* inBlocks(archive(directory, options));
  } catch (error) {
    throw LadingError.from(error);
  }
}

async function* archive(directory: string, { mtime, signal }: PackOptions): AsyncGenerator<Uint8Array> {
  const latest = mtime === undefined ? Number.POSITIVE_INFINITY : Math.floor(mtime.getTime() / 1000);
  for await (const entry of readTree(directory, latest)) {
    signal?.throwIfAborted();
    yield encodeHeader(entry);
    if (entry.size === 0) continue;
    yield* content(entry);
    yield paddingAfter(entry.size);
  }
  yield endOfArchive;
}

/** As many bytes as the header says, whatever else writes to the file. */
async function* content(entry: TreeEntry): AsyncGenerator<Uint8Array> {
  // The file may have been exchanged since it was looked at: a link must not lead elsewhere, a FIFO not be waited for.
  await using file = await open(entry.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  for (let left = entry.size; left > 0; ) {
    const buffer = Buffer.allocUnsafe(Math.min(left, blockBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) {
      throw new LadingError(
        Code.Aborted,
        `${shown(entry.name)} shrank while it was read; try again when nothing writes to it`,
      );
    }
    yield buffer.subarray(0, bytesRead);
    left -= bytesRead;
  }
}

/** Gathers small pieces: each one costs a compressor a turn of the thread pool. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of source) {
    pieces.push(piece);
    sizeBytes += piece.length;
    if (sizeBytes < blockBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    sizeBytes = 0;
  }
  if (sizeBytes > 0) yield Buffer.concat(pieces);
}
