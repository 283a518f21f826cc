// SPDX-License-Identifier: Apache-2.0
import { type FileHandle, open, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { LadingError } from '@lading/errors';

/** A gzip file that is written line by line. */
export interface TarSplitFile {
  write(lines: Uint8Array): void;
  /** Waits until what was written has mostly reached the file. */
  drained(): Promise<void>;
  /** Ends the file and makes it durable. */
  end(): Promise<void>;
  close(): Promise<void>;
  /** Closes and removes it. */
  discard(): Promise<void>;
}

/** Makes the file, which must not exist, with mode 0600. */
export async function createTarSplitFile(path: string): Promise<TarSplitFile> {
  const file: FileHandle = await open(path, 'wx', 0o600);
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 64 << 10 });
  let wake: (() => void) | undefined;
  const notice = (): void => {
    wake?.();
    wake = undefined;
  };
  gzip.on('drain', notice);
  const written = pipeline(gzip, async (chunks: AsyncIterable<Buffer>) => {
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
    } catch (cause) {
      const { code, message, reason } = LadingError.from(cause);
      throw new LadingError(code, `cannot write ${path}: ${message}`, { ...(reason && { reason }), cause });
    }
  });
  // Whoever ends the file or waits for it gets the error; until then it must not end the process.
  written.catch(notice);
  const close = async (): Promise<void> => {
    gzip.destroy();
    await written.catch(() => undefined); // nothing writes to the descriptor any more
    await file.close();
  };
  return {
    write(lines) {
      gzip.write(lines);
    },
    async drained() {
      while (gzip.writableNeedDrain && !gzip.destroyed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (gzip.destroyed) await written;
    },
    async end() {
      gzip.end();
      await written;
      await file.datasync();
    },
    close,
    async discard() {
      await close();
      await rm(path, { force: true });
    },
  };
}
