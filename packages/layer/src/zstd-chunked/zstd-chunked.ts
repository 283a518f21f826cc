// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import { defaultLimits } from '../limits.ts';
import { keptTime, type TarEntry } from '../tar-entry.ts';
import { isGnu, numberAt, shown } from '../tar-header.ts';
import { createTarParser } from '../tar-parser.ts';
import { createTarSplitLines } from '../tar-split-lines.ts';
import { type ContentChunks, createContentChunks } from './content-chunks.ts';
import { createFrames } from './frames.ts';
import { type Chunk, type Content, tableEntries } from './table-of-contents.ts';
import { digestOf, type Kept, makeTrailer } from './trailer.ts';

const compress = promisify(zstdCompress);
const headerBytes = 512;

/** Of the tar-split data, which is compressed in pieces. */
const tarSplitBlockBytes = 256 << 10;

export interface ZstdChunkedOptions {
  /** 1 (fast) to 22 (small). */
  readonly level: number;
  readonly concurrency?: number | undefined;
  /** Told before the last bytes. */
  readonly onAnnotations: (annotations: Readonly<Record<string, string>>) => void;
}

/**
 * Zstandard in a form whose files can be fetched one by one: each has frames of its own, and behind the archive stand
 * a table of contents and the data that puts the archive together again from its files. To a decoder of zstd it is
 * the archive.
 *
 * @throws LadingError `unimplemented` for what containers/storage has no form for either; `invalid_argument` for
 * what is no archive
 * @see https://github.com/containers/storage/blob/v1.59.1/docs/containers-storage-zstd-chunked.md
 */
export async function* zstdChunked(
  tar: AsyncIterable<Uint8Array>,
  { level, concurrency = Math.min(availableParallelism(), 4), onAnnotations }: ZstdChunkedOptions,
): AsyncGenerator<Uint8Array> {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  const frames = createFrames(level, concurrency);
  const contents: Content[] = [];
  const splits: Promise<Kept>[] = [];
  const keep = async (text: Uint8Array): Promise<Kept> => ({
    compressed: await compress(text, { params }),
    uncompressedBytes: text.length,
  });
  const split = createTarSplitLines(tarSplitBlockBytes, (lines) => {
    const kept = keep(lines);
    kept.catch(() => undefined); // told when it is asked for
    splits.push(kept);
  });
  const header = Buffer.alloc(headerBytes); // the last bytes that are no content
  const open = createOpenFile(frames, (content) => contents.push(content));
  const parser = createTarParser(
    {
      onRaw(bytes) {
        split.raw(bytes);
        frames.add(bytes);
        if (bytes.length >= headerBytes) bytes.copy(header, 0, bytes.length - headerBytes);
        else {
          header.copyWithin(0, bytes.length);
          bytes.copy(header, headerBytes - bytes.length);
        }
      },
      onGlobalHeader(name) {
        throw refused(name, 'a header for all files');
      },
      onEntry(entry) {
        if (entry.sparse !== undefined) throw refused(entry.name, 'a file with holes');
        split.begin(entry.name, entry.size);
        open.begin(entry, header);
      },
      onContent(bytes) {
        split.content(bytes);
        open.content(bytes);
      },
      onEntryEnd() {
        split.endEntry();
        open.end();
      },
    },
    defaultLimits,
  );
  let offset = 0;
  const counted = async function* (all: boolean): AsyncGenerator<Uint8Array> {
    for await (const frame of frames.take(all)) {
      offset += frame.length;
      yield frame;
    }
  };
  try {
    for await (const chunk of tar) {
      parser.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      yield* counted(false);
    }
    parser.end();
    split.end();
    frames.cut();
    yield* counted(true);
    const parts = await Promise.all(splits);
    const tarSplit = {
      compressed: Buffer.concat(parts.map(({ compressed }) => compressed)),
      uncompressedBytes: parts.reduce((sum, part) => sum + part.uncompressedBytes, 0),
    };
    const table = {
      version: 1,
      entries: contents.flatMap((content) => tableEntries(content, frames.offsetOf)),
      tarSplitDigest: digestOf(tarSplit.compressed),
    };
    const trailer = makeTrailer(offset, await keep(Buffer.from(JSON.stringify(table))), tarSplit);
    onAnnotations(trailer.annotations);
    yield trailer.bytes;
  } finally {
    await frames.settled(); // nothing goes on in the background
    await Promise.allSettled(splits);
  }
}

interface OpenFile {
  begin(entry: TarEntry, header: Buffer): void;
  content(bytes: Buffer): void;
  end(): void;
}

/** Cuts the content of files into frames. */
function createOpenFile(
  frames: Pick<ReturnType<typeof createFrames>, 'add' | 'cut'>,
  onContent: (content: Content) => void,
): OpenFile {
  let file: Pick<Content, 'entry' | 'rawMode' | 'changeTimeNs'> | undefined;
  let whole: Hash = createHash('sha256');
  let part: Hash = createHash('sha256');
  let chunks: Chunk[] = [];
  let start = 0; // of the chunk, in the file
  let size = 0;
  let frame = 0;
  let content: ContentChunks | undefined;

  const listener = {
    onBytes(bytes: Uint8Array) {
      if (size === 0) frame = frames.cut();
      frames.add(bytes);
      whole.update(bytes);
      part.update(bytes);
      size += bytes.length;
    },
    onEnd(isZeros: boolean) {
      frames.cut();
      // Only a chunk among others is checked by itself.
      const digest = size === file?.entry.size ? undefined : `sha256:${part.digest('hex')}`;
      chunks.push({ offset: start, size, frame, digest, isZeros });
      part = createHash('sha256');
      start += size;
      size = 0;
    },
  };
  return {
    begin(entry, header) {
      file = {
        // The parser's own buffers serve again for the next header.
        entry: { ...entry, name: Buffer.from(entry.name), linkName: Buffer.from(entry.linkName) },
        rawMode: numberAt(header, 100, 8, 'mode'),
        changeTimeNs: entry.ctimeNs ?? gnuChangeTime(header),
      };
      chunks = [];
      start = size = 0;
      if (entry.size === 0) return;
      whole = createHash('sha256');
      content = createContentChunks(listener);
    },
    content: (bytes) => content?.push(bytes),
    end() {
      content?.end();
      content = undefined;
      if (file === undefined) return;
      const digest = chunks.length === 0 ? undefined : `sha256:${whole.digest('hex')}`;
      onContent({ ...file, digest, chunks, endFrame: frames.cut() });
    },
  };
}

function gnuChangeTime(header: Buffer): bigint | undefined {
  if (!isGnu(header) || header[357] === 0) return undefined;
  try {
    return keptTime(BigInt(numberAt(header, 357, 12, 'ctime')) * 1_000_000_000n);
  } catch {
    return undefined; // the name goes on there, as old versions of Go wrote it
  }
}

function refused(name: Buffer, what: string): LadingError {
  return new LadingError(
    Code.Unimplemented,
    `${shown(name)} is ${what}, which zstd:chunked has no form for; take zstd`,
    { reason: 'UNSUPPORTED' },
  );
}
