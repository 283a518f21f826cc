// SPDX-License-Identifier: Apache-2.0
import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import type { Inode } from './tree.ts';

/** Takes what the files of a layer hold, one after the other. */
export interface ContentsWriter extends AsyncDisposable {
  /** The content that is put next is that of this file. */
  begin(inode: Inode): void;
  put(bytes: Uint8Array): Promise<void>;
  /** All of it is in the file when this resolves. */
  end(): Promise<void>;
}

const bufferBytes = 1 << 20;

/** Puts them into a file of their own, to be read again at the offsets that inodes have. */
export async function createContentsWriter(folder: string, layer: number): Promise<ContentsWriter> {
  const file = await open(pathOf(folder, layer), 'wx', 0o600);
  const buffer = Buffer.allocUnsafe(bufferBytes);
  let filled = 0;
  let written = 0;
  const flush = async (): Promise<void> => {
    for (let at = 0; at < filled; ) {
      const { bytesWritten } = await file.write(buffer, at, filled - at, written + at);
      at += bytesWritten;
    }
    written += filled;
    filled = 0;
  };
  return {
    begin(inode) {
      inode.offset = written + filled;
    },
    async put(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const count = Math.min(bytes.length - at, bufferBytes - filled);
        buffer.set(bytes.subarray(at, at + count), filled);
        filled += count;
        at += count;
        if (filled === bufferBytes) await flush();
      }
    },
    async end() {
      await flush();
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Gives back what was kept of files. */
export interface ContentsReader extends AsyncDisposable {
  /** The whole content of a small file. */
  bytes(inode: Inode): Promise<Buffer>;
  /** Each is good until the next one is asked for. */
  chunks(inode: Inode): AsyncGenerator<Uint8Array>;
}

export function createContentsReader(folder: string): ContentsReader {
  const files = new Map<number, FileHandle>();
  const fileOf = async ({ layer }: Inode): Promise<FileHandle> => {
    const known = files.get(layer);
    if (known !== undefined) return known;
    const file = await open(pathOf(folder, layer));
    files.set(layer, file);
    return file;
  };
  return {
    async bytes(inode) {
      const file = await fileOf(inode);
      const buffer = Buffer.allocUnsafe(inode.size);
      readFully(file, buffer, inode.offset);
      return buffer;
    },
    async *chunks(inode) {
      const file = await fileOf(inode);
      const buffer = Buffer.allocUnsafe(Math.min(bufferBytes, inode.size));
      for (let at = 0; at < inode.size; ) {
        const length = Math.min(buffer.length, inode.size - at);
        const { bytesRead } = await file.read(buffer, 0, length, inode.offset + at);
        if (bytesRead === 0) throw shorter();
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    },
    async [Symbol.asyncDispose]() {
      for (const file of files.values()) await file.close();
    },
  };
}

/** Without a turn of the thread pool, which costs more than the reading. */
function readFully(file: FileHandle, buffer: Buffer, position: number): void {
  for (let at = 0; at < buffer.length; ) {
    const bytesRead = readSync(file.fd, buffer, at, buffer.length - at, position + at);
    if (bytesRead === 0) throw shorter();
    at += bytesRead;
  }
}

function shorter(): LadingError {
  return new LadingError(Code.Aborted, 'the kept contents of files are shorter than they were written');
}

function pathOf(folder: string, layer: number): string {
  return join(folder, `contents-${layer}`);
}
