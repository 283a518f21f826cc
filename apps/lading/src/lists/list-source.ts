// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type ImageSource, openSource, type TransportContext } from '@lading/image-copy';
import { indexSource } from '@lading/image-edit';
import type { Digest } from '@lading/image-spec';
import type { Store } from '@lading/storage';
import type { ImageList } from './image-list.ts';
import { ownPlace } from './listed-images.ts';

/** A list as a source for `copyImage`, with each image from its place. */
export async function listSource(
  { index, places }: ImageList,
  name: string,
  context: TransportContext,
  store: Store,
): Promise<ImageSource> {
  const opened = new Map<string, ImageSource>();
  const sources = new Map<Digest, ImageSource>();
  const close = async (): Promise<void> => {
    for (const source of opened.values()) await source.close();
  };
  try {
    for (const { digest } of index.manifests) {
      const place = places.get(digest);
      if (place === undefined) {
        throw new LadingError(
          Code.NotFound,
          `the list ${name} does not say where ${digest} is: remove it from the list, and add it again`,
        );
      }
      const source = opened.get(place) ?? (await openSource(ownPlace(place, store), context));
      opened.set(place, source);
      sources.set(digest, source);
    }
    const list = await indexSource(index, sources, name);
    return {
      ...list,
      signatures: async ({ digest, instance }, options) =>
        (await sources.get(digest)?.signatures?.({ digest, instance }, options)) ?? [],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
