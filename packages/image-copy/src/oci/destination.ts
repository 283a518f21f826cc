// SPDX-License-Identifier: Apache-2.0

import { Code, LadingError } from '@lading/errors';
import { Annotation, type Descriptor, descriptorOf, MediaType } from '@lading/image-spec';
import { makeFolders } from '@lading/linux';
import { removeAbandoned } from '@lading/registry-client/layout';
import { hasFile, writeBlobFile } from '../blob-file.ts';
import { once } from '../once.ts';
import type { ImageDestination, PutBlobOptions, PutBlobState } from '../types.ts';
import { addEntry } from './layout-index.ts';
import { blobFolder, blobPath, type LayoutReference } from './layout-path.ts';

export interface LayoutDestinationOptions {
  /** Layers that are not compressed stay so. Default: false, they are compressed. */
  readonly acceptsUncompressedLayers?: boolean | undefined;
}

/**
 * Writes an image into an OCI layout. The entry in index.json comes last. Blobs that are complete stay after
 * an abort: nothing names them, and the next try need not fetch them again.
 */
export function createLayoutDestination(
  reference: LayoutReference,
  options: LayoutDestinationOptions = {},
): ImageDestination {
  const { path, blobs, name, text } = reference;
  if (reference.position !== undefined || reference.digest !== undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      `${text}: an image is written under a name, not a position or a digest`,
    );
  }
  let top: Descriptor | undefined;
  const parts = new Map<string, { readonly path: string; readonly size: number }>();

  async function isThere({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<boolean> {
    const file = blobPath(blobs, digest);
    if (!(await hasFile(file, size))) return false;
    parts.set(file, { path: file, size });
    return true;
  }

  async function put(
    descriptor: Descriptor,
    source: () => AsyncIterable<Uint8Array>,
    putOptions: PutBlobOptions = {},
  ): Promise<PutBlobState> {
    if (await isThere(descriptor)) return 'exists';
    const target = blobPath(blobs, descriptor.digest);
    makeFolders(blobFolder(blobs, descriptor.digest), 0o777);
    await writeBlobFile(target, descriptor, source(), putOptions);
    parts.set(target, { path: target, size: descriptor.size });
    return 'stored';
  }

  return {
    reference: text,
    manifestTypes: [MediaType.ImageManifest, MediaType.ImageIndex],
    layerCompression: options.acceptsUncompressedLayers === true ? undefined : 'compressed',
    takesForeignLayers: true,
    putBlob: put,
    hasBlob: isThere,
    async putManifest(bytes, mediaType, { instance, signal } = {}) {
      const descriptor = await descriptorOf(mediaType, bytes);
      await put(descriptor, () => once(bytes), { signal });
      if (instance === undefined) top = descriptor;
    },
    async commit({ signal } = {}) {
      if (top === undefined) throw new LadingError(Code.FailedPrecondition, 'no manifest was put');
      signal?.throwIfAborted();
      const annotations = name === undefined ? {} : { annotations: { [Annotation.RefName]: name } };
      await addEntry(path, { ...top, ...annotations }, { signal, parts: [...parts.values()] });
      await Promise.all([removeAbandoned(path), removeAbandoned(blobFolder(blobs, top.digest))]);
    },
    // An unfinished blob is removed by the call that wrote it.
    async abort() {},
    async close() {},
  };
}
