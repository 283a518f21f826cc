// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, parseIndex } from '@lading/image-spec';
import { readBlobFile } from '../blob-file.ts';
import { readSmall } from '../read-small.ts';
import type { ImageSource } from '../types.ts';
import { findEntry, readLayoutIndex } from './layout-index.ts';
import { blobPath, type LayoutReference } from './layout-path.ts';

/** Reads an image from an OCI layout. The index is read with the first manifest. */
export function createLayoutSource(reference: LayoutReference): ImageSource {
  const { path, text } = reference;
  let index: ReturnType<typeof readLayoutIndex> | undefined;

  async function find(instance: string | undefined): Promise<Descriptor> {
    index ??= readLayoutIndex(path);
    if (instance === undefined) return findEntry(await index, reference);
    const top = findEntry(await index, reference);
    if (top.digest === instance) return top;
    const list = parseIndex(await readSmall(readBlobFile(blobPath(path, top.digest), top), top.digest));
    const entry = list.manifests.find(({ digest }) => digest === instance);
    if (entry !== undefined) return entry;
    throw new LadingError(Code.NotFound, `the index has no manifest ${instance}`, {
      reason: 'MANIFEST_UNKNOWN',
    });
  }

  return {
    reference: text,
    location: path,
    async manifest(instance, { signal } = {}) {
      const entry = await find(instance);
      const bytes = await readSmall(
        readBlobFile(blobPath(path, entry.digest), entry, { signal }),
        `the manifest ${entry.digest}`,
      );
      return { bytes, mediaType: entry.mediaType, digest: entry.digest };
    },
    blob: (descriptor, options) => readBlobFile(blobPath(path, descriptor.digest), descriptor, options),
    async close() {},
  };
}
