// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import { createBufferPool } from './buffer-pool.ts';
import type { LayerSource } from './layer-source.ts';
import { createPieces, type Pieces } from './pieces.ts';
import { putContent } from './split-content.ts';
import { parseSplitLine, type SplitLine } from './split-line.ts';
import { wholeLines } from './whole-lines.ts';

/** Large: each piece costs its reader a turn of the event loop or of the thread pool. */
export const assembledPieceBytes: number = 1 << 20;

export interface AssembleOptions {
  /** Gives the memory of the pieces, of 1 MiB each. Default: it is their own, and what is recycled is used again. */
  readonly newPiece?: (() => Buffer<ArrayBuffer>) | undefined;
}

const lineFeed = 10;

/**
 * Puts an archive together again from its tar-split file and the unpacked files, byte for byte, in pieces of 1 MiB.
 *
 * @param tarSplit the file, or what it says, unpacked, where that comes from elsewhere
 * @param openFile gives the content of a file by its name in the archive: a descriptor, which is closed when it was
 * read to its end, or chunks, which take more time
 * @throws LadingError `data_loss` when a file is not what it was, or the tar-split file is broken
 */
export function assembleTar(
  tarSplit: string | AsyncIterable<Uint8Array>,
  openFile: (name: Buffer) => number | AsyncIterable<Uint8Array>,
  options: AssembleOptions = {},
): AsyncGenerator<Uint8Array> & Required<LayerSource> {
  const pool = createBufferPool(assembledPieceBytes);
  const pieces = createPieces({ take: options.newPiece ?? pool.take });
  return Object.assign(assemble(tarSplit, openFile, pieces), { recycle: pool.give });
}

async function* assemble(
  tarSplit: string | AsyncIterable<Uint8Array>,
  openFile: (name: Buffer) => number | AsyncIterable<Uint8Array>,
  pieces: Pieces,
): AsyncGenerator<Uint8Array> {
  const [chunks, shownAs] =
    typeof tarSplit === 'string' ? [unzipped(tarSplit), tarSplit] : [tarSplit, 'the tar-split data'];
  try {
    for await (const lines of wholeLines(chunks)) {
      for (let start = 0; start < lines.length; ) {
        const next = lines.indexOf(lineFeed, start);
        const end = next === -1 ? lines.length : next;
        const line = end > start ? parseSplitLine(lines, start, end, shownAs) : undefined;
        start = end + 1;
        if (line?.type === 2) putBase64(line.payload ?? '', pieces);
        else if (line?.type === 1 && line.size !== undefined && line.size > 0) {
          const file = { name: nameOf(line), size: line.size, checksum: line.payload };
          const waiting = putContent(file, openFile(file.name), pieces);
          if (waiting !== undefined) yield* waiting; // most files are small, and a generator each is dear
        }
        for (const piece of pieces.taken()) yield piece;
      }
    }
    yield* pieces.rest();
  } catch (error) {
    throw LadingError.from(error, Code.DataLoss);
  }
}

/** Without a buffer for each of ten thousand headers, where there is room for all of it. */
function putBase64(text: string, pieces: Pieces): void {
  const most = Math.ceil(text.length / 4) * 3;
  const room = pieces.room(most);
  if (room.length < most) pieces.put(Buffer.from(text, 'base64'));
  else pieces.filled(room.write(text, 'base64'));
}

async function* unzipped(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path);
  const bytes = file.pipe(createGunzip({ chunkSize: 64 << 10 }));
  file.once('error', (error) => bytes.destroy(error));
  try {
    yield* bytes as AsyncIterable<Uint8Array>;
  } finally {
    file.destroy();
    bytes.destroy();
  }
}

function nameOf({ name = '', name_raw: raw = '' }: SplitLine): Buffer {
  return raw === '' ? Buffer.from(name) : Buffer.from(raw, 'base64');
}
