// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import type { LadingError } from '@lading/errors';
import { decompress } from '../decompress.ts';
import type { ChunkedFile } from './parse-table.ts';
import { tableFault } from './table-fault.ts';
import { digestOf } from './trailer.ts';

/** Up to this size a file is decompressed at once: a decompressor each is dear. */
const smallBytes = 256 << 10;

/**
 * The content of a file from its frames; it ends normally only when the digest is right. No more bytes come than the
 * table says, whatever a frame blows up to.
 */
export async function* fileContent(
  file: ChunkedFile,
  frames: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (file.isOneFrame && file.size <= smallBytes && file.end - file.start <= smallBytes) {
    yield smallContent(file, await Array.fromAsync(frames));
    return;
  }
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of decompress(frames).chunks) {
    size += chunk.length;
    if (size > file.size) throw differs(file, 'its frames hold more');
    hash.update(chunk);
    yield chunk;
  }
  if (size < file.size) throw differs(file, 'its frames hold less');
  if (`sha256:${hash.digest('hex')}` !== file.digest) throw differs(file, 'the content has another digest');
}

function smallContent(file: ChunkedFile, frames: readonly Uint8Array[]): Buffer {
  let content: Buffer;
  try {
    content = zstdDecompressSync(Buffer.concat(frames), { maxOutputLength: file.size });
  } catch (cause) {
    throw differs(file, 'its frame does not give them', cause);
  }
  if (content.length !== file.size || digestOf(content) !== file.digest)
    throw differs(file, 'the content has another digest');
  return content;
}

function differs({ name, size }: ChunkedFile, what: string, cause?: unknown): LadingError {
  return tableFault(`${JSON.stringify(name.slice(0, 200))} should have ${size} bytes, but ${what}`, cause);
}
