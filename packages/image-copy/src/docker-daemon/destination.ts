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
import { askDaemon, type DaemonContext, messageIn } from './engine-api.ts';
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
  return createSavedDestination(
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
}

/** The daemon says 200 before it loads; what went wrong then is a line of its answer. */
async function assertLoaded(response: IncomingMessage): Promise<void> {
  for await (const line of createInterface({ input: response })) {
    if (!line.includes('"errorDetail"')) continue;
    throw new LadingError(Code.Unknown, `the Docker daemon did not load the image: ${errorIn(line)}`);
  }
}

function errorIn(line: string): string {
  try {
    const { errorDetail }: { errorDetail?: unknown } = JSON.parse(line);
    return messageIn(JSON.stringify(errorDetail));
  } catch {
    return messageIn(line);
  }
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
