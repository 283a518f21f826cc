// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAll } from '../blob-file.ts';

/** Stdin in a file, which can be read more than once. */
export interface StdinFile {
  /** Reads stdin with the first call. */
  path(signal: AbortSignal | undefined): Promise<string>;
  close(): Promise<void>;
}

export function stdinFile(stdin: AsyncIterable<Uint8Array>): StdinFile {
  let folder: Promise<string> | undefined;
  let written: Promise<string> | undefined;

  async function write(signal: AbortSignal | undefined): Promise<string> {
    folder = mkdtemp(join(tmpdir(), 'lading-stdin-'));
    const path = join(await folder, 'layer');
    await using file = await open(path, 'wx', 0o600);
    for await (const chunk of stdin) {
      signal?.throwIfAborted();
      await writeAll(file, chunk);
    }
    return path;
  }
  return {
    path(signal) {
      written ??= write(signal);
      return written;
    },
    async close() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}
