// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, parseManifestOrIndex } from '@lading/image-spec';
import { inParallel } from '../parallel.ts';
import type { CallOptions } from '../types.ts';
import type { ImageRepository, StoredManifest } from './types.ts';

/** Options of {@link copyContent}. */
export interface CopyContentOptions extends CallOptions {
  /** The tags that it gets. Default: none. */
  readonly tags?: readonly string[] | undefined;
}

const parallel = 6;
/** An index in an index in an index: more is made by nobody who means well. */
const deepest = 8;

/** Copies a manifest with all that it lists, as it is, from one repository to another. */
export async function copyContent(
  source: ImageRepository,
  destination: ImageRepository,
  { descriptor, bytes }: StoredManifest,
  { tags, signal }: CopyContentOptions = {},
): Promise<void> {
  await copyListed({ source, destination, signal, done: new Set() }, { descriptor, bytes }, 0);
  await destination.pushManifest(bytes, { mediaType: descriptor.mediaType, tags, signal });
}

interface Work extends CallOptions {
  readonly source: ImageRepository;
  readonly destination: ImageRepository;
  /** Indexes may list the same again and again. */
  readonly done: Set<Digest>;
}

async function copyListed(work: Work, { descriptor, bytes }: StoredManifest, depth: number): Promise<void> {
  const { source, destination, signal, done } = work;
  const document = parseManifestOrIndex(bytes, descriptor.mediaType);
  if (document.kind === 'manifest') {
    const { config, layers } = document.manifest;
    // A layer that others are to fetch from elsewhere is not in the repository.
    const kept = [config, ...layers].filter(({ urls = [] }) => urls.length === 0);
    const blobs = new Map(kept.map((blob): [string, Descriptor] => [blob.digest, blob]));
    await inParallel([...blobs.values()], parallel, signal, async (blob, both) => {
      await destination.pushBlob(blob, () => source.blob(blob, { signal: both }), {
        origin: source.origin,
        signal: both,
      });
    });
    return;
  }
  if (depth === deepest) {
    throw new LadingError(Code.InvalidArgument, `${descriptor.digest}: indexes are nested too deeply`);
  }
  for (const { digest } of document.index.manifests) {
    if (done.has(digest)) continue;
    done.add(digest);
    const stored = await source.manifest(digest, { signal });
    await copyListed(work, stored, depth + 1);
    const { mediaType } = stored.descriptor;
    await destination.pushManifest(stored.bytes, { mediaType, isInstance: true, signal });
  }
}
