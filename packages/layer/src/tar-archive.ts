// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import { createBufferPool } from './buffer-pool.ts';
import type { LayerSource } from './layer-source.ts';
import { createPieces, type Pieces } from './pieces.ts';
import { encodeHeader, endOfArchive, type NewEntry, paddingAfter } from './tar-encode.ts';
import { shown } from './tar-header.ts';
import { unreadable } from './walk-tree.ts';

/** An entry, and where its content comes from: as many bytes as its size says. */
export interface PackItem extends NewEntry {
  readonly content?: Content | undefined;
}

export type Content =
  | FileContent
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'stream'; readonly open: () => AsyncIterable<Uint8Array> };

interface FileContent {
  readonly kind: 'file';
  readonly path: Buffer;
  /** Then the entry is left out when the file is gone, as if it had never been seen. */
  readonly mayBeGone?: boolean;
}

/** A tar while it is made. Chunks may be given back; see {@link LayerSource}. */
export type PackedTar = AsyncGenerator<Uint8Array> & LayerSource;

/** Up to this size a file is read at once: a turn of the thread pool costs more than the reading. */
const smallBytes = 128 << 10;

// The file may have been exchanged since it was looked at: a link must not lead elsewhere, a FIFO not be waited for.
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The tar of some entries, in pieces of 1 MiB. */
export function archiveOf(
  items: Iterable<PackItem> | AsyncIterable<PackItem>,
  signal: AbortSignal | undefined,
): PackedTar {
  const pool = createBufferPool(1 << 20);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* packed(items, createPieces(pool), signal);
    } catch (error) {
      throw LadingError.from(error);
    }
  }
  return Object.assign(chunks(), { recycle: pool.give });
}

async function* packed(
  items: Iterable<PackItem> | AsyncIterable<PackItem>,
  pieces: Pieces,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  // The event loop must turn, or nobody could end it.
  const turn = async (): Promise<void> => {
    await setImmediate();
    signal?.throwIfAborted();
  };
  signal?.throwIfAborted();
  for await (const item of items) {
    if (item.size === 0 || item.content === undefined) pieces.put(encodeHeader(item));
    else if (item.content.kind === 'bytes') {
      pieces.put(encodeHeader(item));
      pieces.put(item.content.bytes);
    } else if (item.content.kind === 'stream') {
      pieces.put(encodeHeader(item));
      for await (const chunk of checkedStream(item, item.content.open)) {
        pieces.put(chunk);
        for (const piece of pieces.taken()) {
          yield piece;
          await turn();
        }
      }
    } else if (item.size <= smallBytes) {
      if (!putSmallFile(item, item.content, pieces)) continue;
    } else {
      const file = await openFile(item.content);
      if (file === undefined) continue;
      try {
        pieces.put(encodeHeader(item));
        for (let left = item.size; left > 0; ) {
          for (const piece of pieces.taken()) {
            yield piece;
            await turn();
          }
          const room = pieces.room(left);
          const { bytesRead } = await file.read(room, 0, room.length).catch((error: unknown) => {
            throw unreadable(item.name, error);
          });
          if (bytesRead === 0) throw shrank(item);
          pieces.filled(bytesRead);
          left -= bytesRead;
        }
      } finally {
        await file.close();
      }
    }
    pieces.put(paddingAfter(item.size));
    for (const piece of pieces.taken()) {
      yield piece;
      await turn();
    }
  }
  pieces.put(endOfArchive);
  yield* pieces.rest();
}

/** False when it went away: then it is as if it had never been seen. */
function putSmallFile(item: PackItem, content: FileContent, pieces: Pieces): boolean {
  const { path } = content;
  let fd: number;
  try {
    fd = openSync(path, openFlags);
  } catch (error) {
    return isGone(content, error);
  }
  try {
    pieces.put(encodeHeader(item));
    for (let left = item.size; left > 0; ) {
      const room = pieces.room(left);
      const bytesRead = readSync(fd, room, 0, room.length, null);
      if (bytesRead === 0) throw shrank(item);
      pieces.filled(bytesRead);
      left -= bytesRead;
    }
    return true;
  } catch (error) {
    throw error instanceof LadingError ? error : unreadable(path, error);
  } finally {
    closeSync(fd);
  }
}

async function openFile(content: FileContent): Promise<FileHandle | undefined> {
  return await open(content.path, openFlags).catch((error: unknown) => {
    isGone(content, error);
    return undefined;
  });
}

function isGone({ path, mayBeGone = false }: FileContent, error: unknown): false {
  if (mayBeGone && error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
  throw unreadable(path, error);
}

function shrank(item: PackItem): LadingError {
  return new LadingError(
    Code.Aborted,
    `${shown(item.name)} shrank while it was read; try again when nothing writes to it`,
  );
}

async function* checkedStream(
  item: PackItem,
  openStream: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let left = item.size;
  for await (const chunk of openStream()) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left === 0) return;
  throw new LadingError(
    Code.InvalidArgument,
    `the stream of ${shown(item.name)} has ${left < 0 ? 'more' : 'fewer'} bytes than the ${item.size} that were promised`,
  );
}
