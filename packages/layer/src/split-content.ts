// SPDX-License-Identifier: Apache-2.0
import { closeSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { Code, LadingError } from '@lading/errors';
import { Crc64 } from './crc64.ts';
import type { Pieces } from './pieces.ts';
import { shown } from './tar-header.ts';

/** A file of an archive as its tar-split file knows it. */
export interface SplitFile {
  readonly name: Buffer;
  readonly size: number;
  /** The CRC-64 in base64. */
  readonly checksum: string | null;
}

/** Up to this size a file is read at once: a turn of the thread pool costs more than the reading. */
const smallBytes = 128 << 10;

const readFrom = promisify(read);

/**
 * Puts the content of a file to the pieces. Gives nothing where that is done at once, else the pieces that fill up
 * meanwhile.
 *
 * @param content a descriptor, which is closed, or chunks
 * @throws LadingError `data_loss` when the content is not what it was
 */
export function putContent(
  file: SplitFile,
  content: number | AsyncIterable<Uint8Array>,
  pieces: Pieces,
): AsyncGenerator<Uint8Array> | undefined {
  if (typeof content !== 'number') return putChunks(file, content, pieces);
  if (file.size > smallBytes) return putLarge(file, content, pieces);
  try {
    const place = createPlace(file, pieces);
    for (let room = place.room(); place.took(room, readSync(content, room)); ) room = place.room();
  } finally {
    closeSync(content);
  }
  return undefined;
}

async function* putLarge(file: SplitFile, fd: number, pieces: Pieces): AsyncGenerator<Uint8Array> {
  try {
    const place = createPlace(file, pieces);
    for (;;) {
      const room = place.room();
      const { bytesRead } = await readFrom(fd, room, 0, room.length, null);
      if (!place.took(room, bytesRead)) return;
      yield* pieces.taken();
    }
  } finally {
    closeSync(fd);
  }
}

async function* putChunks(
  file: SplitFile,
  content: AsyncIterable<Uint8Array>,
  pieces: Pieces,
): AsyncGenerator<Uint8Array> {
  const check = createCheck(file);
  let size = 0;
  for await (const chunk of content) {
    check.update(chunk);
    size += chunk.length;
    pieces.put(chunk);
    yield* pieces.taken();
  }
  if (size !== file.size || !check.isRight()) throw changed(file);
}

interface Place {
  /** For what is left of the file and one byte more, so that its end and its growth are seen without another read. */
  room(): Buffer;
  /** Says how much of the room was filled. False at the end of the file. */
  took(room: Buffer, bytes: number): boolean;
}

/** Content is read to where it is going to be: it is copied nowhere else. */
function createPlace(file: SplitFile, pieces: Pieces): Place {
  const check = createCheck(file);
  let left = file.size;
  return {
    room: () => pieces.room(left + 1),
    took(room, bytes) {
      if (bytes > left) throw changed(file);
      check.update(bytes === room.length ? room : room.subarray(0, bytes));
      pieces.filled(bytes);
      left -= bytes;
      // Some file systems give less than there is; only nothing is surely the end.
      if (bytes === room.length || (left > 0 && bytes > 0)) return true;
      if (left > 0 || !check.isRight()) throw changed(file);
      return false;
    },
  };
}

interface Check {
  update(bytes: Uint8Array): void;
  isRight(): boolean;
}

function createCheck({ checksum }: SplitFile): Check {
  const crc = new Crc64();
  return {
    update: (bytes) => crc.update(bytes),
    isRight: () => crc.digest().toString('base64') === checksum,
  };
}

function changed({ name }: SplitFile): LadingError {
  return new LadingError(Code.DataLoss, `${shown(name)} was changed since its layer was unpacked`, {
    reason: 'TAR_SPLIT_CHECKSUM',
  });
}
