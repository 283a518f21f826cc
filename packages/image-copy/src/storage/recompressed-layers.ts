// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, MediaType } from '@lading/image-spec';
import { compressLayer } from '@lading/layer';
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
  let added = 0;

  return {
    async add(archive, original, signal) {
      folder ??= mkdtemp(join(tmpdir(), 'lading-layers-'));
      const path = join(await folder, `layer-${++added}`); // an image may have a layer twice
      const { chunks, result } = compressLayer(archive.open(), { signal });
      await writeFile(path, chunks, { mode: 0o600, flag: 'wx' });
      const { descriptor, diffId } = result();
      if (diffId !== archive.digest) {
        throw new LadingError(Code.DataLoss, `the layer ${archive.digest} is ${diffId} in the store now`, {
          reason: 'DIGEST_MISMATCH',
        });
      }
      const { digest, size } = descriptor;
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
