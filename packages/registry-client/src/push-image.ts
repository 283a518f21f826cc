// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  embeddedData,
  isDigest,
  type Platform,
  parseIndex,
  parseManifestOrIndex,
  parsePlatform,
} from '@lading/image-spec';
import type { BlobSource } from './blob-source.ts';
import { choosePlatform } from './choose-platform.ts';
import { digestLike, mismatch } from './fetch-manifest.ts';
import { contentsOf } from './image-contents.ts';
import type { ImageStore } from './image-store.ts';
import { manifestLimitBytes, readAll } from './limits.ts';
import type { CallOptions } from './manifests.ts';
import { checkDepth, once } from './once.ts';
import { createCrew } from './parallel.ts';
import type { OnImageProgress } from './progress.ts';
import { referrersTag } from './referrer.ts';
import type { Repository } from './repository.ts';

/** Options of {@link pushImage}. */
export interface PushImageOptions extends CallOptions {
  /** The tag or tags in the registry. Default: the name in the store; an image named by its digest gets none. */
  readonly tag?: string | readonly string[] | undefined;
  /** Of an index, only the image for this platform. Default: the whole index. */
  readonly platform?: Platform | string | undefined;
  /** Pushes what refers to the image as well, as `pullImage` brought it. Default: false. */
  readonly referrers?: boolean | undefined;
  /** A repository of the same registry that may have the blobs; true: the registry looks for them. */
  readonly mountFrom?: string | true | undefined;
  /** See `PushBlobOptions`. */
  readonly chunkSizeBytes?: number | undefined;
  /** Blobs at a time. Default: 4. */
  readonly parallel?: number | undefined;
  readonly onProgress?: OnImageProgress | undefined;
}

/**
 * Brings an image from a store to a registry: blobs side by side, then their manifest, then the index of
 * manifests; the tag comes last. What the registry has is not sent, and foreign layers never are. When it
 * settles nothing is under way any more, also after a failure or an abort.
 *
 * @throws NotFound (`MANIFEST_UNKNOWN`, `BLOB_UNKNOWN`) for what the store does not have
 */
export async function pushImage(
  repository: Repository,
  nameOrDigest: string,
  store: ImageStore,
  options: PushImageOptions = {},
): Promise<Descriptor> {
  const { platform, referrers = false, mountFrom, chunkSizeBytes, parallel = 4, onProgress } = options;
  const tag = options.tag ?? (isDigest(nameOrDigest) ? undefined : nameOrDigest);
  const crew = createCrew(parallel, options.signal);
  const { signal } = crew;
  const done = new Map<Digest, Promise<void>>();
  const sent: Digest[] = [];

  /** Sends what a manifest needs, and then itself. */
  async function send(
    descriptor: Descriptor,
    tags: PushImageOptions['tag'] = undefined,
    depth = 0,
  ): Promise<void> {
    const { digest, mediaType, size } = descriptor;
    checkDepth(depth, digest);
    const bytes = await readManifest(store, descriptor, signal);
    const { manifests, blobs, foreign } = contentsOf(descriptor, bytes);
    for (const { digest, size } of foreign) {
      onProgress?.({ kind: 'blob', digest, state: 'skipped', current: size, total: size });
    }
    await crew.each(manifests, (child) => once(done, child.digest, () => send(child, undefined, depth + 1)));
    await crew.each(blobs, (blob) => once(done, blob.digest, () => crew.transfer(() => sendBlob(blob))));
    const digestName = digestAlgorithm(digest) === 'sha512' ? 'sha512' : 'sha256';
    await repository.manifests.push(bytes, { mediaType, tag: tags, digestAlgorithm: digestName, signal });
    sent.push(digest);
    onProgress?.({ kind: 'manifest', digest, mediaType, state: 'done', current: size, total: size });
  }

  async function sendBlob(blob: Descriptor): Promise<void> {
    const data = await embeddedData(blob);
    const source: BlobSource =
      data === undefined
        ? { openAt: (offset) => store.read(blob, { offset, signal }) }
        : async function* () {
            yield data;
          };
    await repository.blobs.push(blob, source, { signal, onProgress, mountFrom, chunkSizeBytes });
  }

  async function sendReferrers(): Promise<void> {
    for (let next = sent.shift(); next !== undefined; next = sent.shift()) {
      const list = await referrersOf(store, next, signal);
      await crew.each(list, (referrer) => once(done, referrer.digest, () => send(referrer)));
    }
  }

  const top = await store.resolve(nameOrDigest, { signal });
  const image = await chooseImage(store, top, platform, nameOrDigest, signal);
  await crew.each([image], (one) => once(done, one.digest, () => send(one, tag)));
  if (referrers) await sendReferrers();
  return { mediaType: image.mediaType, digest: image.digest, size: image.size };
}

/** A store's manifest, verified: what is wrong on a disk must not be pushed under a tag. */
async function readManifest(
  store: ImageStore,
  descriptor: Descriptor,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { digest, size } = descriptor;
  const limit = Math.min(size, manifestLimitBytes);
  const bytes = await readAll(store.read(descriptor, { signal }), limit, `the manifest ${digest}`);
  if ((await digestLike(bytes, digest)) === digest) return bytes;
  throw mismatch('DIGEST_MISMATCH', `the store has other bytes for the manifest ${digest}`);
}

async function chooseImage(
  store: ImageStore,
  top: Descriptor,
  platform: Platform | string | undefined,
  shown: string,
  signal: AbortSignal,
): Promise<Descriptor> {
  if (platform === undefined) return top;
  const wanted = typeof platform === 'string' ? parsePlatform(platform) : platform;
  let chosen = top;
  for (let depth = 0; ; depth++) {
    checkDepth(depth, top.digest);
    const document = parseManifestOrIndex(await readManifest(store, chosen, signal), chosen.mediaType);
    if (document.kind === 'manifest') return chosen;
    chosen = choosePlatform(document.index, wanted, shown);
  }
}

/** The referrers that a store has of a manifest, in the list under the referrers tag. */
async function referrersOf(
  store: ImageStore,
  subject: Digest,
  signal: AbortSignal,
): Promise<readonly Descriptor[]> {
  try {
    const list = await store.resolve(referrersTag(subject), { signal });
    return parseIndex(await readManifest(store, list, signal)).manifests;
  } catch (error) {
    if (hasCode(error, Code.NotFound)) return [];
    throw error;
  }
}
