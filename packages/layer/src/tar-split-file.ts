// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';

/** A gzip file that is written line by line. */
export interface TarSplitFile extends AsyncDisposable {
  write(lines: string): void;
  /** Waits until what was written has mostly reached the file. */
  drained(): Promise<void>;
  /** Ends the file and makes it durable. */
  end(): Promise<void>;
}

/** Makes the file, which must not exist, with mode 0600. */
export async function createTarSplitFile(path: string): Promise<TarSplitFile> {
  const file: FileHandle = await open(path, 'wx', 0o600);
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  const written = pipeline(gzip, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) await file.writeFile(chunk);
  });
  // Whoever ends or disposes of the file gets the error; until then it must not end the process.
  written.catch(() => undefined);
  let full = false;
  return {
    write(lines) {
      full = !gzip.write(lines);
    },
    async drained() {
      if (full) await Promise.race([once(gzip, 'drain'), written]);
      full = false;
    },
    async end() {
      gzip.end();
      await written;
      await file.datasync();
    },
    async [Symbol.asyncDispose]() {
      gzip.destroy();
      await file.close();
    },
  };
}
