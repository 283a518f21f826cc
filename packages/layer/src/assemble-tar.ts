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
  readonly position: number;
}

/** Large: each piece costs its reader a turn of the event loop or of the thread pool. */
export const assembledPieceBytes: number = 1 << 20;

export interface AssembleOptions {
  /** Gives the memory of the pieces, of 1 MiB each. Default: it is their own, and what is recycled is used again. */
  readonly newPiece?: (() => Buffer) | undefined;
}

/** What the text of the tar-split file is cut into. */
const textBytes = 256 << 10;

/**
 * Puts an archive together again from its tar-split file and the unpacked files, byte for byte, in pieces of 1 MiB.
 *
 * @param openFile gives the content of a file by its name in the archive: a descriptor, which is closed when it was
 * read to its end, or chunks, which take more time
 * @throws LadingError `data_loss` when a file is not what it was, or the tar-split file is broken
 */
export function assembleTar(
  tarSplitFile: string,
  openFile: (name: Buffer) => number | AsyncIterable<Uint8Array>,
  options: AssembleOptions = {},
): AsyncGenerator<Uint8Array> & Required<LayerSource> {
  const pool = createBufferPool(assembledPieceBytes);
  const pieces = createPieces({ take: options.newPiece ?? pool.take });
  return Object.assign(assemble(tarSplitFile, openFile, pieces), { recycle: pool.give });
}

async function* assemble(
  tarSplitFile: string,
  openFile: (name: Buffer) => number | AsyncIterable<Uint8Array>,
  pieces: Pieces,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const lines of linesOf(tarSplitFile)) {
      for (const text of lines) {
        const line = parseLine(text, tarSplitFile);
        if (line.type === 2) pieces.put(Buffer.from(line.payload ?? '', 'base64'));
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

/** The lines of a compressed file, some at a time. */
async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  const file = createReadStream(path);
  const text = file.pipe(createGunzip({ chunkSize: textBytes })).setEncoding('utf8');
  file.once('error', (error) => text.destroy(error));
  let rest = '';
  try {
    for await (const chunk of text as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield lines.filter((line) => line !== '');
    }
    if (rest !== '') yield [rest];
  } finally {
    file.destroy();
    text.destroy();
  }
}

function nameOf({ name = '', name_raw: raw }: SplitLine): Buffer {
  return raw === undefined ? Buffer.from(name) : Buffer.from(raw, 'base64');
}

function parseLine(text: string, file: string): SplitLine {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LadingError(Code.DataLoss, `${file} is not a tar-split file: a line is no JSON`, { cause });
  }
}
