// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { LadingError } from '@lading/errors';
import { type Descriptor, parseDigest } from '@lading/image-spec';

/** A file of the user's, to be sent. */
export interface InputFile {
  readonly path: string;
  readonly descriptor: Descriptor;
  open(): AsyncIterable<Uint8Array>;
}

/** Runs `action` on a file, or on stdin (`-`), which is put into a file first: its digest goes before it. */
export async function withInput<T>(
  { environment }: CommandCall,
  path: string,
  signal: AbortSignal,
  action: (file: InputFile) => Promise<T>,
): Promise<T> {
  if (path !== '-') return action(await inputFile(resolve(environment.cwd, path), signal));
  const folder = await mkdtemp(join(tmpdir(), 'lading-stdin-'));
  try {
    const spooled = join(folder, randomUUID());
    await using file = await open(spooled, 'wx', 0o600);
    for await (const chunk of environment.stdin) {
      signal.throwIfAborted();
      await file.writeFile(chunk);
    }
    return await action(await inputFile(spooled, signal));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Digest and size of a file. */
export async function inputFile(
  path: string,
  signal: AbortSignal,
  mediaType = 'application/octet-stream',
): Promise<InputFile> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (cause) {
    signal.throwIfAborted();
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `cannot read ${path}: ${reason ?? message}`, { cause });
  }
  const digest = parseDigest(`sha256:${hash.digest('hex')}`);
  return { path, descriptor: { mediaType, digest, size }, open: () => createReadStream(path) };
}
