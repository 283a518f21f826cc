// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Descriptor, type Digest, MediaType, parseDigest, verifyStream } from '@lading/image-spec';
import { readBlobFile } from '../blob-file.ts';
import type { BlobOptions } from '../types.ts';

/** What is needed of a layer of the store. */
interface Archive {
  readonly digest: Digest;
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

/** Layers that were compressed anew, in files that last until `close()`. */
export interface RecompressedLayers {
  /** Compresses an archive. `original` is the layer that it stands for. */
  add(archive: Archive, original: Descriptor, signal: AbortSignal | undefined): Promise<Descriptor>;
  has(digest: Digest): boolean;
  open(descriptor: Descriptor, options: BlobOptions): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * The store keeps what a layer holds and not how it was compressed, so the blob has to be made again. Its
 * digest must be known before it is sent, which is why it goes through a file.
 */
export function createRecompressedLayers(): RecompressedLayers {
  let folder: Promise<string> | undefined;
  const paths = new Map<Digest, string>();

  return {
    async add(archive, original, signal) {
      folder ??= mkdtemp(join(tmpdir(), 'lading-layers-'));
      const path = join(await folder, archive.digest.replace(':', '-'));
      const options = signal === undefined ? {} : { signal };
      const hash = createHash('sha256');
      let size = 0;
      const measure = new Transform({
        transform(chunk: Uint8Array, _encoding, done) {
          hash.update(chunk);
          size += chunk.length;
          done(null, chunk);
        },
      });
      await pipeline(
        Readable.from(
          verifyStream(archive.open(), archive, (name) => createHash(name), options),
          {
            objectMode: false,
          },
        ),
        createGzip(),
        measure,
        createWriteStream(path, { mode: 0o600 }),
        options,
      );
      const digest = parseDigest(`sha256:${hash.digest('hex')}`);
      paths.set(digest, path);
      const docker = original.mediaType.startsWith('application/vnd.docker.');
      return { mediaType: docker ? MediaType.DockerLayerGzip : MediaType.LayerGzip, digest, size };
    },
    has: (digest) => paths.has(digest),
    open: (descriptor, options) => readBlobFile(paths.get(descriptor.digest) ?? '', descriptor, options),
    async close() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}
