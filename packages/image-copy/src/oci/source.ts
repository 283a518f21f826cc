// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, type Index, isIndexType, parseIndex } from '@lading/image-spec';
import { readSmall } from '../read-small.ts';
import type { ImageSource } from '../types.ts';
import { filesInFolder, type LayoutFiles } from './layout-files.ts';
import { findEntry, readLayoutIndex } from './layout-index.ts';
import type { LayoutReference } from './layout-path.ts';

/** Reads an image from an OCI layout. The index is read with the first manifest. */
export function createLayoutSource(
  reference: LayoutReference,
  files: LayoutFiles = filesInFolder(reference),
): ImageSource {
  const { text } = reference;
  let index: Promise<Index> | undefined;

  async function top(): Promise<Descriptor> {
    index ??= readLayoutIndex(files);
    const { digest } = reference;
    return digest === undefined ? findEntry(await index, reference) : below(await index, digest);
  }

  /** The manifest of a digest in an index, or in an index that it lists. */
  async function below(list: Index, digest: Digest): Promise<Descriptor> {
    const found = list.manifests.find((entry) => entry.digest === digest);
    if (found !== undefined) return found;
    for (const entry of list.manifests.filter(({ mediaType }) => isIndexType(mediaType))) {
      const inner = (await read(entry)).manifests.find((other) => other.digest === digest);
      if (inner !== undefined) return inner;
    }
    throw new LadingError(Code.NotFound, `the layout has no manifest ${digest}`, {
      reason: 'MANIFEST_UNKNOWN',
    });
  }

  async function read(entry: Descriptor): Promise<Index> {
    return parseIndex(await readSmall(files.blob(entry), `the index ${entry.digest}`));
  }

  async function find(instance: Digest | undefined): Promise<Descriptor> {
    const named = await top();
    if (instance === undefined || named.digest === instance) return named;
    const entry = (await read(named)).manifests.find(({ digest }) => digest === instance);
    if (entry !== undefined) return entry;
    throw new LadingError(Code.NotFound, `the index has no manifest ${instance}`, {
      reason: 'MANIFEST_UNKNOWN',
    });
  }

  return {
    reference: text,
    location: reference.path,
    async manifest(instance, { signal } = {}) {
      const entry = await find(instance);
      const bytes = await readSmall(files.blob(entry, { signal }), `the manifest ${entry.digest}`);
      return { bytes, mediaType: entry.mediaType, digest: entry.digest };
    },
    blob: (descriptor, options) => files.blob(descriptor, options),
    close: () => files.close(),
  };
}
