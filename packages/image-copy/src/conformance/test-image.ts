// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  MediaType,
  type Platform,
  parseDigest,
  verifyStream,
} from '@lading/image-spec';
import { hostPlatform } from '../choose-instance.ts';
import type { ImageSource, ManifestBytes } from '../types.ts';
import { tarOf } from './tar.ts';

/** An image in memory. */
export interface TestImage {
  readonly top: ManifestBytes;
  readonly manifests: ReadonlyMap<Digest, ManifestBytes>;
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  /** Lowest first; of an index, those of its first image. */
  readonly layers: readonly Descriptor[];
  readonly config: Descriptor;
  readonly diffIds: readonly Digest[];
}

export interface TestImageOptions {
  /** Makes the bytes different from those of other images. */
  readonly seed: string;
  /** Default 2. */
  readonly layers?: number;
  /** Default `oci`. */
  readonly format?: 'oci' | 'v2s2';
  readonly platform?: Platform;
  /** Every layer is the same one. Default: each is its own. */
  readonly sameLayers?: boolean;
  /** As an archive of `docker save` has it: layers are not compressed, their types say that they are. */
  readonly saved?: boolean;
  /** The config lists the diffIDs of this image, which are not its own. */
  readonly diffIdsOf?: TestImage;
}

/** Makes a small image, the same each time for the same options. */
export async function makeTestImage(options: TestImageOptions): Promise<TestImage> {
  const { seed, layers: count = 2, platform = hostPlatform(), sameLayers = false, saved = false } = options;
  const { format = saved ? 'v2s2' : 'oci' } = options;
  const docker = format === 'v2s2';
  const tars = Array.from({ length: count }, (_, i) =>
    sameLayers ? tarOf('file', seed) : tarOf(`file-${i}`, `${seed} ${i}\n`.repeat(50)),
  );
  const ownDiffIds = tars.map((tar) =>
    parseDigest(`sha256:${createHash('sha256').update(tar).digest('hex')}`),
  );
  const diffIds = options.diffIdsOf?.diffIds ?? ownDiffIds;
  const blobs = tars.map((tar) => (saved ? tar : new Uint8Array(gzipSync(tar))));
  const config = encodeJson({
    created: '2024-01-02T03:04:05.006Z',
    architecture: platform.architecture,
    os: platform.os,
    config: { Env: ['PATH=/bin'], Cmd: ['/bin/sh'], Labels: { seed } },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map(() => ({ created: '2024-01-02T03:04:05.006Z', created_by: 'test' })),
  });
  const configDescriptor = await descriptorOf(
    docker ? MediaType.DockerConfig : MediaType.ImageConfig,
    config,
  );
  const layerType = docker ? MediaType.DockerLayerGzip : MediaType.LayerGzip;
  const layers = await Promise.all(blobs.map((blob) => descriptorOf(layerType, blob)));
  const mediaType = docker ? MediaType.DockerManifest : MediaType.ImageManifest;
  // Members in the order in which Docker's programs write them.
  const [written = configDescriptor, ...writtenLayers] = [configDescriptor, ...layers].map((blob) =>
    saved ? { mediaType: blob.mediaType, size: blob.size, digest: blob.digest } : blob,
  );
  const bytes = encodeJson({ schemaVersion: 2, mediaType, config: written, layers: writtenLayers });
  const { digest } = await descriptorOf(mediaType, bytes);
  const top = { bytes, mediaType, digest };
  return {
    top,
    manifests: new Map([[digest, top]]),
    blobs: new Map([
      [configDescriptor.digest, config],
      ...layers.map((layer, i): [Digest, Uint8Array] => [layer.digest, blobs[i] ?? new Uint8Array()]),
    ]),
    layers,
    config: configDescriptor,
    diffIds,
  };
}

/** An index of several images. */
export async function makeTestIndex(
  images: readonly { readonly image: TestImage; readonly platform: Platform }[],
  format: 'oci' | 'v2s2' = 'oci',
): Promise<TestImage> {
  const mediaType = format === 'v2s2' ? MediaType.DockerManifestList : MediaType.ImageIndex;
  const entries = await Promise.all(
    images.map(({ image, platform }) => descriptorOf(image.top.mediaType, image.top.bytes, { platform })),
  );
  const bytes = encodeJson({ schemaVersion: 2, mediaType, manifests: entries });
  const { digest } = await descriptorOf(mediaType, bytes);
  const top = { bytes, mediaType, digest };
  const [first] = images;
  if (first === undefined) throw new LadingError(Code.InvalidArgument, 'an index of no images');
  return {
    ...first.image,
    top,
    manifests: new Map([[digest, top], ...images.flatMap(({ image }) => [...image.manifests])]),
    blobs: new Map(images.flatMap(({ image }) => [...image.blobs])),
  };
}

/** An {@link ImageSource} that reads an image in memory, and counts how often each blob is asked for. */
export function createMemorySource(image: TestImage): ImageSource & { readonly reads: Map<Digest, number> } {
  const reads = new Map<Digest, number>();
  return {
    reference: 'memory:test',
    reads,
    async manifest(instance = image.top.digest) {
      const found = image.manifests.get(instance);
      if (found === undefined) {
        throw new LadingError(Code.NotFound, `no manifest ${instance}`, { reason: 'MANIFEST_UNKNOWN' });
      }
      return found;
    },
    async *blob(descriptor, { signal } = {}) {
      reads.set(descriptor.digest, (reads.get(descriptor.digest) ?? 0) + 1);
      const bytes = image.blobs.get(descriptor.digest);
      if (bytes === undefined) {
        throw new LadingError(Code.NotFound, `no blob ${descriptor.digest}`, { reason: 'BLOB_UNKNOWN' });
      }
      const options = signal === undefined ? {} : { signal };
      yield* verifyStream(inPieces(bytes), descriptor, (name) => createHash(name), options);
    },
    async close() {},
  };
}

/** The bytes in pieces, a turn of the event loop apart, as they would come from elsewhere. */
export async function* inPieces(bytes: Uint8Array, pieceBytes = 100): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    await new Promise((resolve) => setImmediate(resolve));
    yield bytes.subarray(offset, offset + pieceBytes);
  }
}
