// SPDX-License-Identifier: Apache-2.0
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Code, LadingError } from '@lading/errors';
import { writeAll } from '../blob-file.ts';
import { createArchiveWriter } from '../docker-archive/archive-writer.ts';
import { createSavedDestination } from '../docker-archive/saved-destination.ts';
import type { ImageDestination } from '../types.ts';
import { messageIn } from './daemon-fault.ts';
import { askDaemon, type DaemonContext, reachDaemon } from './engine-api.ts';
import type { DaemonReference } from './reference.ts';

/** Writes an image to a Docker daemon, which takes it as an archive: as a whole, with the commit. */
export function createDaemonDestination(
  { tag, text }: DaemonReference,
  context: DaemonContext,
  tlsVerify: boolean,
): ImageDestination {
  if (tag === undefined) {
    throw new LadingError(Code.InvalidArgument, `${text}: an image is written under a name with a tag`);
  }
  let file: FileHandle | undefined;
  let sizeBytes = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    file ??= await temporaryFile();
    await writeAll(file, bytes);
    sizeBytes += bytes.length;
  };
  const writer = createArchiveWriter(write);
  const close = async (): Promise<void> => {
    await file?.close();
    file = undefined;
  };
  const saved = createSavedDestination(
    { blobs: new Map(), write: (action) => action(writer) },
    {
      reference: text,
      tags: [tag],
      layerCompression: undefined,
      async commit(signal) {
        await writer.end();
        if (file === undefined) throw new LadingError(Code.FailedPrecondition, 'no blob was put');
        const chunks = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 256 * 1024 });
        const path = '/images/load?quiet=1';
        const body = { sizeBytes, chunks };
        await assertLoaded(await askDaemon(context, tlsVerify, { method: 'POST', path, body, signal }));
        await close();
      },
      abort: close,
      close,
    },
  );
  let reached: Promise<void> | undefined;
  return {
    ...saved,
    async putBlob(descriptor, source, options) {
      // Otherwise all of an image would be read before it is known that nobody takes it.
      reached ??= reachDaemon(context, tlsVerify, options);
      await reached;
      return saved.putBlob(descriptor, source, options);
    },
  };
}

/** The daemon says 200 before it loads; what went wrong then is a line of its answer. */
async function assertLoaded(response: IncomingMessage): Promise<void> {
  try {
    for await (const line of createInterface({ input: response })) {
      const failure = line.trim() === '' ? undefined : errorIn(line);
      if (failure === undefined) continue;
      throw new LadingError(Code.Unknown, `the Docker daemon did not load the image: ${failure}`);
    }
  } catch (cause) {
    if (cause instanceof LadingError) throw cause;
    throw new LadingError(
      Code.Unavailable,
      'the Docker daemon broke off while it loaded the image, and may not have it',
      { cause },
    );
  }
}

/** What a line says of a failure; one that is no message of a daemon is a failure, too. */
function errorIn(line: string): string | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return `what it answered is none of its messages: ${messageIn(line)}`;
  }
  if (typeof said !== 'object' || said === null) return messageIn(line);
  if ('errorDetail' in said) return messageIn(JSON.stringify(said.errorDetail));
  return 'error' in said ? messageIn(String(said.error)) : undefined;
}

/** A file without a name, so that nothing of it outlives this process. */
async function temporaryFile(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-archive-'));
  try {
    return await open(join(folder, 'archive.tar'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
