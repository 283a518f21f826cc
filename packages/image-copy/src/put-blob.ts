// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '@lading/image-spec';
import type { ContentSource } from '@lading/registry-client';
import type { Copy } from './copy-options.ts';
import { readingSource } from './reading-source.ts';
import type { LayerPosition, Origin, PutBlobOptions } from './types.ts';

/** Where the bytes of a blob come from, and how to go on in the middle of them. */
export interface BlobOpener {
  readonly open: () => ContentSource;
  /** A repository that has it. */
  readonly origin?: Origin | undefined;
  readonly openFrom?: ((offset: number) => ContentSource) | undefined;
  readonly openPart?: ((start: number, end: number) => ContentSource) | undefined;
}

/** A blob as the source has it. */
export function sourceOf({ source }: Copy, blob: Descriptor, signal: AbortSignal | undefined): BlobOpener {
  const { blobFrom, blobPart } = source;
  return {
    origin: source.origin,
    open: () => source.blob(blob, { signal }),
    openFrom: blobFrom && ((offset) => blobFrom.call(source, blob, offset, { signal })),
    openPart: blobPart && ((start, end) => blobPart.call(source, blob, start, end, { signal })),
  };
}

/** Asks what is known of the repositories that have a blob. */
export function repositoriesOf(
  { options: { knownLayers } }: Copy,
  { digest }: Pick<Descriptor, 'digest'>,
): PutBlobOptions['repositories'] {
  return knownLayers && ((host) => knownLayers.repositories(host, digest));
}

/** Puts a blob, and notes which repositories have it now. */
export async function putBlob(
  copy: Copy,
  blob: Descriptor,
  kind: 'layer' | 'config',
  layer: LayerPosition | undefined,
  signal: AbortSignal | undefined,
  { open, openFrom, openPart, origin }: BlobOpener,
): Promise<void> {
  const { destination, options } = copy;
  const report = { kind, id: blob.digest, total: blob.size } as const;
  const { onProgress, knownLayers } = options;
  onProgress?.({ ...report, state: 'copying', current: 0 });
  await readingSource(copy, async (marked) => {
    const state = await destination.putBlob(blob, () => marked(open()), {
      signal,
      layer,
      origin,
      sourceFrom: openFrom && ((offset) => marked(openFrom(offset))),
      sourcePart: openPart && ((start, end) => marked(openPart(start, end))),
      repositories: repositoriesOf(copy, blob),
      ...(onProgress === undefined
        ? {}
        : { onProgress: (current: number) => onProgress({ ...report, state: 'copying', current }) }),
    });
    onProgress?.({ ...report, state: state === 'stored' ? 'done' : state, current: blob.size });
    for (const place of [destination.place, origin]) {
      if (place !== undefined) await knownLayers?.addRepository(place.host, blob.digest, place.repository);
    }
  });
}
