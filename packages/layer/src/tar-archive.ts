// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import { encodeHeader, endOfArchive, type NewEntry, paddingAfter } from './tar-encode.ts';
import { shown } from './tar-header.ts';
import { unreadable } from './walk-tree.ts';

/** An entry, and where its content comes from: as many bytes as its size says. */
export interface PackItem extends NewEntry {
  readonly content?: Content | undefined;
}

export type Content =
  | { readonly kind: 'file'; readonly path: Buffer }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'stream'; readonly open: () => AsyncIterable<Uint8Array> };

/** Large pieces: each one costs its reader a turn of the event loop or of the thread pool. */
const pieceBytes = 1 << 20;

/** Up to this size a file is read at once: a turn of the thread pool costs more than the reading. */
const smallBytes = 128 << 10;

// The file may have been exchanged since it was looked at: a link must not lead elsewhere, a FIFO not be waited for.
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The tar of some entries, in pieces of 1 MiB. */
export async function* archiveOf(
  items: Iterable<PackItem> | AsyncIterable<PackItem>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const pieces = createPieces();
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
      if (!putSmallFile(item, item.content.path, pieces)) continue;
    } else {
      const file = await openFile(item.content.path);
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
function putSmallFile(item: PackItem, path: Buffer, pieces: Pieces): boolean {
  let fd: number;
  try {
    fd = openSync(path, openFlags);
  } catch (error) {
    return isGone(path, error);
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

async function openFile(path: Buffer): Promise<Awaited<ReturnType<typeof open>> | undefined> {
  return await open(path, openFlags).catch((error: unknown) => {
    isGone(path, error);
    return undefined;
  });
}

function isGone(path: Buffer, error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
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

interface Pieces {
  /** Copies bytes to the end. */
  put(bytes: Uint8Array): void;
  /** Where up to so many of the next bytes can be written, before {@link Pieces.filled} says how many there are. */
  room(most: number): Buffer;
  filled(count: number): void;
  /** The full pieces that have come up since; they belong to the caller. */
  taken(): readonly Buffer[];
  rest(): readonly Buffer[];
}

function createPieces(): Pieces {
  let full: Buffer[] = [];
  let piece = Buffer.allocUnsafeSlow(pieceBytes);
  let used = 0;
  const filled = (count: number): void => {
    used += count;
    if (used < pieceBytes) return;
    full.push(piece);
    piece = Buffer.allocUnsafeSlow(pieceBytes);
    used = 0;
  };
  const taken = (): readonly Buffer[] => {
    const now = full;
    if (now.length > 0) full = [];
    return now;
  };
  return {
    put(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const count = Math.min(bytes.length - at, pieceBytes - used);
        piece.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), used);
        at += count;
        filled(count);
      }
    },
    room: (most) => piece.subarray(used, Math.min(pieceBytes, used + most)),
    filled,
    taken,
    rest: () => [...taken(), ...(used > 0 ? [piece.subarray(0, used)] : [])],
  };
}
