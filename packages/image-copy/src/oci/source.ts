// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, type Index, isIndexType, parseIndex } from '@lading/image-spec';
import { mostLevels } from '../inner-images.ts';
import { readSmall } from '../read-small.ts';
import type { ImageSource } from '../types.ts';
import { orFromElsewhere } from './foreign-layer.ts';
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
    if (digest === undefined) return findEntry(await index, reference);
    return (await below(await index, digest)) ?? unknown(`the layout has no manifest ${digest}`);
  }

  /** The entry of a digest in an index, or in an index that it lists. */
  async function below(list: Index, digest: Digest, levels = mostLevels): Promise<Descriptor | undefined> {
    const found = list.manifests.find((entry) => entry.digest === digest);
    if (found !== undefined || levels === 0) return found;
    for (const entry of list.manifests.filter(({ mediaType }) => isIndexType(mediaType))) {
      const inner = await below(await read(entry), digest, levels - 1);
      if (inner !== undefined) return inner;
    }
    return undefined;
  }

  async function read(entry: Descriptor): Promise<Index> {
    return parseIndex(await readSmall(files.blob(entry), `the index ${entry.digest}`));
  }

  async function find(instance: Digest | undefined): Promise<Descriptor> {
    const named = await top();
    if (instance === undefined || named.digest === instance) return named;
    return (await below(await read(named), instance)) ?? unknown(`the index has no manifest ${instance}`);
  }

  return {
    reference: text,
    location: reference.path,
    async manifest(instance, { signal } = {}) {
      const entry = await find(instance);
      const bytes = await readSmall(files.blob(entry, { signal }), `the manifest ${entry.digest}`);
      return { bytes, mediaType: entry.mediaType, digest: entry.digest };
    },
    blob: (descriptor, options) => orFromElsewhere(files.blob(descriptor, options), descriptor, options),
    close: () => files.close(),
  };
}

function unknown(message: string): never {
  throw new LadingError(Code.NotFound, message, { reason: 'MANIFEST_UNKNOWN' });
}
