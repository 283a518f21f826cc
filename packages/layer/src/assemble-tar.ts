// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import { createBufferPool } from './buffer-pool.ts';
import type { LayerSource } from './layer-source.ts';
import { createPieces, type Pieces } from './pieces.ts';
import { putContent } from './split-content.ts';

interface SplitLine {
  readonly type: number;
  readonly name?: string;
  readonly name_raw?: string;
  readonly size?: number;
  readonly payload: string | null;
}

/** Large: each piece costs its reader a turn of the event loop or of the thread pool. */
export const assembledPieceBytes: number = 1 << 20;

export interface AssembleOptions {
  /** Gives the memory of the pieces, of 1 MiB each. Default: it is their own, and what is recycled is used again. */
  readonly newPiece?: (() => Buffer<ArrayBuffer>) | undefined;
}

/** What the text of the tar-split file is cut into. */
const textBytes = 256 << 10;

/** No line is longer: header after header without content would have to stand in it. */
const longestLine = 64 << 20;

/**
 * Puts an archive together again from its tar-split file and the unpacked files, byte for byte, in pieces of 1 MiB.
 *
 * @param tarSplit the file, or its text where that comes from elsewhere
 * @param openFile gives the content of a file by its name in the archive: a descriptor, which is closed when it was
 * read to its end, or chunks, which take more time
 * @throws LadingError `data_loss` when a file is not what it was, or the tar-split file is broken
 */
export function assembleTar(
  tarSplit: string | AsyncIterable<string>,
  openFile: (name: Buffer) => number | AsyncIterable<Uint8Array>,
  options: AssembleOptions = {},
): AsyncGenerator<Uint8Array> & Required<LayerSource> {
  const pool = createBufferPool(assembledPieceBytes);
  const pieces = createPieces({ take: options.newPiece ?? pool.take });
  return Object.assign(assemble(tarSplit, openFile, pieces), { recycle: pool.give });
}

async function* assemble(
  tarSplit: string | AsyncIterable<string>,
  openFile: (name: Buffer) => number | AsyncIterable<Uint8Array>,
  pieces: Pieces,
): AsyncGenerator<Uint8Array> {
  const [texts, shownAs] =
    typeof tarSplit === 'string' ? [textsOf(tarSplit), tarSplit] : [tarSplit, 'the tar-split data'];
  try {
    for await (const lines of linesOf(texts)) {
      for (const text of lines) {
        const line = parseLine(text, shownAs);
        if (line.type === 2) putBase64(line.payload ?? '', pieces);
        else if (line.type === 1 && line.size !== undefined && line.size > 0) {
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

/** The text of a compressed file. */
async function* textsOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const text = file.pipe(createGunzip({ chunkSize: textBytes })).setEncoding('utf8');
  file.once('error', (error) => text.destroy(error));
  try {
    yield* text as AsyncIterable<string>;
  } finally {
    file.destroy();
    text.destroy();
  }
}

/** The lines of a text, some at a time. */
async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const chunk of texts) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new LadingError(Code.DataLoss, 'a line of tar-split has no end');
    yield lines.filter((line) => line !== '');
  }
  if (rest !== '') yield [rest];
}

function nameOf({ name = '', name_raw: raw }: SplitLine): Buffer {
  return raw === undefined ? Buffer.from(name) : Buffer.from(raw, 'base64');
}

function parseLine(text: string, file: string): SplitLine {
  let cause: unknown;
  try {
    const line: unknown = JSON.parse(text);
    if (isSplitLine(line)) return line;
  } catch (error) {
    cause = error;
  }
  throw new LadingError(Code.DataLoss, `${file} is not a tar-split file: a line is none of its lines`, {
    cause,
  });
}

function isSplitLine(line: unknown): line is SplitLine {
  if (typeof line !== 'object' || line === null || !('type' in line)) return false;
  const { name, name_raw: raw, size, payload = null }: { [key in keyof SplitLine]?: unknown } = line;
  return (
    typeof line.type === 'number' &&
    [name, raw].every((member) => member === undefined || typeof member === 'string') &&
    (size === undefined || (Number.isSafeInteger(size) && Number(size) >= 0)) &&
    (payload === null || typeof payload === 'string')
  );
}
