// SPDX-License-Identifier: Apache-2.0
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  embeddedData,
  encodeJson,
  isDigest,
  MediaType,
  type Platform,
  parseManifestOrIndex,
  parsePlatform,
} from '@lading/image-spec';
import { choosePlatform, defaultPlatform } from './choose-platform.ts';
import type { FetchedManifest } from './fetch-manifest.ts';
import { contentsOf } from './image-contents.ts';
import type { ImageStore } from './image-store.ts';
import type { CallOptions } from './manifests.ts';
import { checkDepth, once } from './once.ts';
import { createCrew } from './parallel.ts';
import type { OnImageProgress } from './progress.ts';
import { referrersTag } from './referrer.ts';
import type { Repository } from './repository.ts';

/** Options of {@link pullImage}. */
export interface PullImageOptions extends CallOptions {
  /** Of an index, the image for this platform. Default: Linux on this machine's architecture. */
  readonly platform?: Platform | string | undefined;
  /** The whole index, with the images of all platforms. Default: false. */
  readonly all?: boolean | undefined;
  /**
   * Brings what refers to the image along (signatures, SBOMs), and its list as an index under the referrers
   * tag of the spec. Default: false.
   */
  readonly referrers?: boolean | undefined;
  /** The name in the store. Default: the tag; an image pulled by its digest has no name. */
  readonly name?: string | undefined;
  /** Blobs at a time. Default: 4. */
  readonly parallel?: number | undefined;
  readonly onProgress?: OnImageProgress | undefined;
}

/** What was pulled. */
export interface PulledImage {
  /** Of what the store now has under the name: a manifest, or with `all` an index. */
  readonly descriptor: Descriptor;
  /** Of the index that the image was chosen from. */
  readonly chosenFrom?: Descriptor | undefined;
}

/**
 * Brings an image from a registry into a store, blobs side by side and each verified. Content that the store
 * has is not fetched. The name is set last. When it settles nothing is under way any more, also after a
 * failure or an abort.
 *
 * @throws NotFound (`MANIFEST_UNKNOWN`; `PLATFORM_UNKNOWN` naming the platforms there are), DataLoss
 */
export async function pullImage(
  repository: Repository,
  tagOrDigest: string,
  store: ImageStore,
  options: PullImageOptions = {},
): Promise<PulledImage> {
  const { all = false, referrers = false, parallel = 4, onProgress } = options;
  const name = options.name ?? (isDigest(tagOrDigest) ? undefined : tagOrDigest);
  const crew = createCrew(parallel, options.signal);
  const { signal } = crew;
  const done = new Map<Digest, Promise<void>>();
  const brought: Descriptor[] = [];

  async function bring({ descriptor, bytes }: FetchedManifest, depth = 0): Promise<void> {
    const { digest, mediaType, size } = descriptor;
    checkDepth(depth, digest);
    const { manifests, blobs, foreign } = contentsOf(descriptor, bytes);
    for (const layer of foreign) report(layer, 'skipped');
    await crew.each(manifests, (child) =>
      once(done, child.digest, async () => {
        await bring(await repository.manifests.fetch(child, { signal }), depth + 1);
      }),
    );
    await crew.each(blobs, (blob) => once(done, blob.digest, () => crew.transfer(() => bringBlob(blob))));
    await write(descriptor, bytes);
    brought.push(descriptor);
    onProgress?.({ kind: 'manifest', digest, mediaType, state: 'done', current: size, total: size });
  }

  async function bringBlob(blob: Descriptor): Promise<void> {
    if (await store.has(blob, { signal })) return report(blob, 'exists');
    const data = await embeddedData(blob);
    if (data !== undefined) {
      await write(blob, data);
      return report(blob, 'done');
    }
    await store.write(blob, repository.blobs.open(blob, { signal, onProgress }), { signal });
  }

  async function write(descriptor: Descriptor, bytes: Uint8Array): Promise<void> {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield bytes;
    }
    if (!(await store.has(descriptor, { signal }))) await store.write(descriptor, source(), { signal });
  }

  /** Referrers have referrers of their own: a signature of an SBOM. */
  async function bringReferrers(): Promise<void> {
    for (let next = brought.shift(); next !== undefined; next = brought.shift()) {
      const list = await Array.fromAsync(repository.referrers(next.digest, { signal }));
      if (list.length === 0) continue;
      await crew.each(list, (referrer) =>
        once(done, referrer.digest, async () => {
          await bring(await repository.manifests.fetch(referrer, { signal }));
        }),
      );
      const index = encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests: list });
      const descriptor = await descriptorOf(MediaType.ImageIndex, index);
      await write(descriptor, index);
      await store.tag(descriptor, referrersTag(next.digest), { signal });
    }
  }

  function report({ digest, size: total }: Descriptor, state: 'exists' | 'skipped' | 'done'): void {
    onProgress?.({ kind: 'blob', digest, state, current: total, total });
  }

  const top = await repository.manifests.fetch(tagOrDigest, { signal });
  const shown = `${repository.host}/${repository.name}${isDigest(tagOrDigest) ? '@' : ':'}${tagOrDigest}`;
  const image = all ? top : await chooseImage(repository, top, options.platform, shown, signal);
  await crew.each([image], (manifest) => once(done, manifest.descriptor.digest, () => bring(manifest)));
  if (referrers) await bringReferrers();
  await store.tag(image.descriptor, name, { signal });
  return { descriptor: image.descriptor, ...(image === top ? {} : { chosenFrom: top.descriptor }) };
}

/** The image for a platform; an index may hold indexes. */
async function chooseImage(
  repository: Repository,
  top: FetchedManifest,
  platform: Platform | string | undefined,
  shown: string,
  signal: AbortSignal,
): Promise<FetchedManifest> {
  const wanted = typeof platform === 'string' ? parsePlatform(platform) : (platform ?? defaultPlatform());
  let chosen = top;
  for (let depth = 0; ; depth++) {
    checkDepth(depth, top.descriptor.digest);
    const document = parseManifestOrIndex(chosen.bytes, chosen.descriptor.mediaType);
    if (document.kind === 'manifest') return chosen;
    chosen = await repository.manifests.fetch(choosePlatform(document.index, wanted, shown), { signal });
  }
}
