// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Digest, MediaType, parseManifest } from '@lading/image-spec';
import { readSmall } from '../read-small.ts';
import type { ImageDestination } from '../types.ts';
import { verifiedBytes } from '../verified.ts';
import { withProgress } from '../with-progress.ts';
import type { ArchiveWriter } from './archive-writer.ts';

/** An archive that is being written; several images may go into it. */
export interface OpenArchive {
  /** Opens the file with the first call. After a failure in the middle of a member it cannot be used. */
  write<T>(action: (writer: ArchiveWriter) => Promise<T>): Promise<T>;
  /** What is in it. */
  readonly blobs: Map<Digest, Uint8Array | undefined>;
}

export interface SavedDestinationOptions {
  readonly reference: string;
  readonly tags: readonly string[];
  readonly layerCompression: 'uncompressed' | undefined;
  commit(signal: AbortSignal | undefined): Promise<void>;
  abort(): Promise<void>;
  close(): Promise<void>;
}

/** Writes one image into an archive of the format of `docker save`. */
export function createSavedDestination(
  archive: OpenArchive,
  { reference, tags, layerCompression, commit, abort, close }: SavedDestinationOptions,
): ImageDestination {
  let manifest: Uint8Array | undefined;
  const { blobs } = archive;
  return {
    reference,
    manifestTypes: [MediaType.DockerManifest],
    takesIndexes: false,
    putsInOrder: true,
    layerCompression,
    async putBlob(descriptor, source, { signal, onProgress, layer } = {}) {
      if (blobs.has(descriptor.digest)) return 'exists';
      if (layer === undefined) {
        const bytes = await readSmall(verifiedBytes(source(), descriptor, signal), 'the config');
        await archive.write((writer) => writer.config(descriptor, bytes));
        blobs.set(descriptor.digest, bytes);
        return 'stored';
      }
      await archive.write((writer) =>
        writer.layer(
          descriptor,
          withProgress(verifiedBytes(source(), descriptor, signal), { signal, onProgress }),
        ),
      );
      blobs.set(descriptor.digest, undefined);
      return 'stored';
    },
    async putManifest(bytes) {
      manifest = bytes;
    },
    async commit({ signal } = {}) {
      if (manifest === undefined) throw new LadingError(Code.FailedPrecondition, 'no manifest was put');
      const { config, layers } = parseManifest(manifest);
      const configBytes = blobs.get(config.digest);
      if (configBytes === undefined) throw new LadingError(Code.FailedPrecondition, 'no config was put');
      signal?.throwIfAborted();
      await archive.write((writer) => writer.image({ config, configBytes, layers, tags }));
      await commit(signal);
    },
    abort,
    close,
  };
}
