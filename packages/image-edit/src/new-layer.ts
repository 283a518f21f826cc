// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  type History,
  MediaType,
  parseDigest,
  verifyStream,
} from '@lading/image-spec';
import {
  type Compression,
  decompress,
  packFolder,
  tarEntries,
  type WritableCompression,
  writeLayer,
} from '@lading/layer';
import type { ContentSource } from '@lading/registry-client';

/** A layer that an image does not have yet. */
export interface NewLayer extends AsyncDisposable {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  /** How it came to be. Default: nothing is said of it. */
  readonly history?: History | undefined;
  /** The compressed bytes, verified while they flow. */
  open(signal?: AbortSignal): ContentSource;
}

/** Options of {@link layerFromTar} and {@link layerFromPath}. */
export interface NewLayerOptions {
  /** For what is not compressed. Default: gzip. */
  readonly compression?: WritableCompression | undefined;
  readonly level?: number | undefined;
  /** Later times in a folder become this one. Default: none do. */
  readonly mtime?: Date | undefined;
  readonly history?: History | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Makes a layer of a tar that is not compressed. It lies in a temporary file until it is disposed of. */
export async function layerFromTar(
  tar: AsyncIterable<Uint8Array>,
  { compression, level, history, signal }: NewLayerOptions = {},
): Promise<NewLayer> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-layer-'));
  try {
    const path = join(folder, randomUUID());
    const { descriptor, diffId } = await writeLayer(tar, path, { compression, level, signal });
    return layerIn(path, descriptor, diffId, history, () => rm(folder, { recursive: true, force: true }));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Makes a layer of a folder, or of a tar archive in a file: one that is compressed with gzip or zstd stays as it is.
 *
 * @throws NotFound, InvalidArgument for what is neither, DataLoss for an archive that was cut
 */
export async function layerFromPath(path: string, options: NewLayerOptions = {}): Promise<NewLayer> {
  const { mtime, history, signal } = options;
  const found = await stat(path).catch((cause: unknown) => {
    const { code, message } = LadingError.from(cause);
    throw new LadingError(code, `the layer ${JSON.stringify(path)} cannot be read: ${message}`, { cause });
  });
  if (found.isDirectory()) return layerFromTar(packFolder(path, { mtime, signal }), options);
  if (!found.isFile()) {
    throw new LadingError(Code.InvalidArgument, `${JSON.stringify(path)} is neither a file nor a folder`);
  }
  const kept = await digestsOf(path, signal).catch((cause: unknown) => {
    signal?.throwIfAborted();
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(
      code,
      `the layer ${JSON.stringify(path)} cannot be read as a tar archive: ${message}`,
      {
        ...(reason === undefined ? {} : { reason }),
        cause,
      },
    );
  });
  if (kept === undefined) return layerFromTar(decompress(createReadStream(path)).chunks, options);
  const { mediaType, digest, diffId, size } = kept;
  return layerIn(path, { mediaType, digest, size }, diffId, history, async () => {});
}

/** The forms in which an archive stays as it is. */
const keptTypes: ReadonlyMap<Compression, string> = new Map([
  ['gzip', MediaType.LayerGzip],
  ['zstd', MediaType.LayerZstd],
]);

/** Undefined for what does not stay as it is. All of it is read as an archive: of anything else nobody could run. */
async function digestsOf(path: string, signal: AbortSignal | undefined) {
  const compressed = createHash('sha256');
  const plain = createHash('sha256');
  let size = 0;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted();
      compressed.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const { chunks, compression } = decompress(bytes());
  async function* tar(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      plain.update(chunk);
      yield chunk;
    }
  }
  for await (const _ of tarEntries(tar()));
  const mediaType = keptTypes.get(compression());
  if (mediaType === undefined) return undefined;
  return {
    mediaType,
    digest: parseDigest(`sha256:${compressed.digest('hex')}`),
    diffId: parseDigest(`sha256:${plain.digest('hex')}`),
    size,
  };
}

function layerIn(
  path: string,
  descriptor: Descriptor,
  diffId: Digest,
  history: History | undefined,
  dispose: () => Promise<void>,
): NewLayer {
  return {
    descriptor,
    diffId,
    history,
    open: (signal) =>
      verifyStream(fileChunks(path), descriptor, createHash, signal === undefined ? {} : { signal }),
    [Symbol.asyncDispose]: dispose,
  };
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(256 * 1024));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
