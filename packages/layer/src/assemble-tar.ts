// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import { Crc64 } from './crc64.ts';
import { shown } from './tar-header.ts';

interface SplitLine {
  readonly type: number;
  readonly name?: string;
  readonly name_raw?: string;
  readonly size?: number;
  readonly payload: string | null;
  readonly position: number;
}

/** Gathered up to this: a tar has two or three small pieces for each file, and each one costs every reader a turn. */
const blockBytes = 256 << 10;

/**
 * Puts an archive together again from its tar-split file and the unpacked files, byte for byte.
 *
 * @param openFile gives the content of a file by its name in the archive; all at once for a small file, which is a good
 * deal faster
 * @throws LadingError `data_loss` when a file is not what it was, or the tar-split file is broken
 */
export async function* assembleTar(
  tarSplitFile: string,
  openFile: (name: Buffer) => Uint8Array | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const lines of linesOf(tarSplitFile)) {
      for (const text of lines) {
        const line = parseLine(text, tarSplitFile);
        for await (const piece of contentOf(line, openFile)) {
          pieces.push(piece);
          sizeBytes += piece.length;
          if (sizeBytes < blockBytes) continue;
          yield Buffer.concat(pieces, sizeBytes);
          pieces = [];
          sizeBytes = 0;
        }
      }
    }
    if (sizeBytes > 0) yield Buffer.concat(pieces, sizeBytes);
  } catch (error) {
    throw LadingError.from(error, Code.DataLoss);
  }
}

/** The lines of a compressed file, some at a time. */
async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  const file = createReadStream(path);
  const text = file.pipe(createGunzip({ chunkSize: blockBytes })).setEncoding('utf8');
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

/** What a line stands for; not a generator where that is at hand, since there is one for every file. */
function contentOf(
  line: SplitLine,
  openFile: (name: Buffer) => Uint8Array | AsyncIterable<Uint8Array>,
): readonly Uint8Array[] | AsyncIterable<Uint8Array> {
  if (line.type === 2) return [Buffer.from(line.payload ?? '', 'base64')];
  if (line.type !== 1 || (line.size ?? 0) === 0) return [];
  const name =
    line.name_raw === undefined ? Buffer.from(line.name ?? '') : Buffer.from(line.name_raw, 'base64');
  const content = openFile(name);
  if (!(content instanceof Uint8Array)) return checkedContent(line, name, content);
  const crc = new Crc64();
  crc.update(content);
  check(line, name, content.length, crc);
  return [content];
}

function parseLine(text: string, file: string): SplitLine {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LadingError(Code.DataLoss, `${file} is not a tar-split file: a line is no JSON`, { cause });
  }
}

async function* checkedContent(
  line: SplitLine,
  name: Buffer,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const crc = new Crc64();
  let size = 0;
  for await (const chunk of content) {
    crc.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  check(line, name, size, crc);
}

function check(line: SplitLine, name: Buffer, size: number, crc: Crc64): void {
  if (size === line.size && crc.digest().toString('base64') === line.payload) return;
  throw new LadingError(Code.DataLoss, `${shown(name)} was changed since its layer was unpacked`, {
    reason: 'TAR_SPLIT_CHECKSUM',
  });
}
