// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Index, isIndexType, parseManifestOrIndex } from '@lading/image-spec';
import type { CallOptions, ImageSource, ManifestBytes } from './types.ts';

/** An index in an index in an index: more is made by nobody who means well. */
export const mostLevels = 3;
/** Each is a request, and each may list as many again. */
const mostInner = 100;

/** Reads an index that an index lists. @throws InvalidArgument where it lies too deep, or is none */
export async function readInnerIndex(
  source: ImageSource,
  entry: Descriptor,
  depth: number,
  { signal }: CallOptions,
): Promise<{ readonly found: ManifestBytes; readonly index: Index }> {
  if (depth > mostLevels) {
    throw new LadingError(Code.InvalidArgument, `${entry.digest}: indexes are nested too deeply`, {
      reason: 'MANIFEST_INVALID',
    });
  }
  const bytes = await source.manifest(entry.digest, { signal });
  const found = { ...bytes, mediaType: entry.mediaType };
  const document = parseManifestOrIndex(found.bytes, found.mediaType);
  if (document.kind === 'index') return { found, index: document.index };
  throw new LadingError(Code.InvalidArgument, `${entry.digest} is not the index that its type says`, {
    reason: 'MANIFEST_INVALID',
  });
}

/**
 * The index with the images of the indexes in it in their place, to choose one from.
 *
 * @throws InvalidArgument for indexes that are nested too deeply; ResourceExhausted for more than a hundred of them
 */
export async function withInnerImages(
  source: ImageSource,
  index: Index,
  options: CallOptions = {},
): Promise<Index> {
  let read = 0;
  async function imagesOf(entries: readonly Descriptor[], depth: number): Promise<readonly Descriptor[]> {
    const images: Descriptor[] = [];
    for (const entry of entries) {
      if (!isIndexType(entry.mediaType)) {
        images.push(entry);
        continue;
      }
      if (++read > mostInner) {
        throw new LadingError(Code.ResourceExhausted, `the index has more than ${mostInner} indexes in it`);
      }
      const inner = await readInnerIndex(source, entry, depth, options);
      images.push(...(await imagesOf(inner.index.manifests, depth + 1)));
    }
    return images;
  }
  return { ...index, manifests: await imagesOf(index.manifests, 1) };
}
