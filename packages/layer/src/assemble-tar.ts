// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
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

/**
 * Puts an archive together again from its tar-split file and the unpacked files, byte for byte.
 *
 * @param openFile gives the content of a file by its name in the archive
 * @throws LadingError `data_loss` when a file is not what it was, or the tar-split file is broken
 */
export async function* assembleTar(
  tarSplitFile: string,
  openFile: (name: Buffer) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const file = createReadStream(tarSplitFile);
  const text = file.pipe(createGunzip());
  file.once('error', (error) => text.destroy(error));
  try {
    for await (const written of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (written === '') continue;
      const line = parseLine(written, tarSplitFile);
      if (line.type === 2) yield Buffer.from(line.payload ?? '', 'base64');
      else if (line.type === 1 && (line.size ?? 0) > 0) yield* checkedContent(line, openFile);
    }
  } catch (error) {
    throw LadingError.from(error, Code.DataLoss);
  } finally {
    file.destroy();
    text.destroy();
  }
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
  openFile: (name: Buffer) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const name =
    line.name_raw === undefined ? Buffer.from(line.name ?? '') : Buffer.from(line.name_raw, 'base64');
  const crc = new Crc64();
  let size = 0;
  for await (const chunk of openFile(name)) {
    crc.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  if (size !== line.size || crc.digest().toString('base64') !== line.payload) {
    throw new LadingError(Code.DataLoss, `${shown(name)} was changed since its layer was unpacked`, {
      reason: 'TAR_SPLIT_CHECKSUM',
    });
  }
}
