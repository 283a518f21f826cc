// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  digestHex,
  encodeJson,
  type Manifest,
  MediaType,
  parseDigest,
  parseManifest,
} from '@lading/image-spec';
import { readBlobFile, writeBlobFile } from '../blob-file.ts';
import type { Copy } from '../copy-options.ts';
import { once } from '../once.ts';
import { inParallel } from '../parallel.ts';
import { step } from '../side.ts';
import type { ImageSource, ManifestBytes } from '../types.ts';
import { markVerified } from '../verified.ts';
import { configOfSchema1 } from './config-of-schema1.ts';
import type { Schema1 } from './read-schema1.ts';

/** An image of schema 1 as one of Docker's schema 2. */
export interface UpgradedImage {
  /** Reads the layers from files, until it is closed. */
  readonly source: ImageSource;
  readonly top: ManifestBytes;
  readonly manifest: Manifest;
}

/** The descriptors of all blobs. Schema 1 does not tell their sizes: the source has to. */
export async function describeBlobs(
  { source, options }: Copy,
  { layers }: Schema1,
): Promise<ReadonlyMap<Digest, Descriptor>> {
  const found = new Map<Digest, Descriptor>();
  const digests = [...new Set(layers.map(({ digest }) => digest))];
  await inParallel(digests, options.parallel ?? 6, options.signal, async (digest, signal) => {
    await step('source', source.reference, async () => {
      if (source.blobSize === undefined) {
        throw new LadingError(Code.Unimplemented, 'images of schema 1 cannot be read from there', {
          reason: 'UNSUPPORTED',
        });
      }
      const size = await source.blobSize(digest, { signal });
      found.set(digest, { mediaType: MediaType.DockerLayerGzip, digest, size });
    });
  });
  return found;
}

/**
 * Makes the manifest and the config that the image has in schema 2. The config lists what layers hold when they are
 * not compressed, which only reading them all tells; they are kept in files so that they are fetched once.
 */
export async function upgradeSchema1(
  copy: Copy,
  schema1: Schema1,
  blobs: ReadonlyMap<Digest, Descriptor>,
): Promise<UpgradedImage> {
  const { source, options } = copy;
  const full = schema1.layers.filter(({ isEmpty }) => !isEmpty);
  const layers = full.flatMap(({ digest }) => blobs.get(digest) ?? []);
  const folder = await mkdtemp(join(tmpdir(), 'lading-layers-'));
  const pathOf = (digest: Digest): string => join(folder, digestHex(digest));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const diffIds = new Map<Digest, Digest>();
    await inParallel([...new Set(layers)], options.parallel ?? 6, options.signal, async (layer, signal) => {
      diffIds.set(layer.digest, await fetchLayer(copy, layer, folder, signal));
    });
    const configBytes = configOfSchema1(
      schema1.layers,
      layers.flatMap(({ digest }) => diffIds.get(digest) ?? []),
    );
    const config = await descriptorOf(MediaType.DockerConfig, configBytes);
    const bytes = encodeJson({
      schemaVersion: 2,
      mediaType: MediaType.DockerManifest,
      config: { mediaType: config.mediaType, size: config.size, digest: config.digest },
      layers: layers.map(({ mediaType, size, digest }) => ({ mediaType, size, digest })),
    });
    const { digest, mediaType } = await descriptorOf(MediaType.DockerManifest, bytes);
    const top = { bytes, mediaType, digest };
    return {
      top,
      manifest: parseManifest(bytes),
      source: {
        reference: source.reference,
        origin: source.origin,
        manifest: async () => top,
        blob: (descriptor, blobOptions) =>
          descriptor.digest === config.digest
            ? markVerified(once(configBytes), config.digest)
            : readBlobFile(pathOf(descriptor.digest), descriptor, blobOptions),
        close,
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Keeps a layer in a file. Resolves to its diffID. */
async function fetchLayer(
  { source, options: { onProgress } }: Copy,
  layer: Descriptor,
  folder: string,
  signal: AbortSignal,
): Promise<Digest> {
  const report = { kind: 'layer', id: layer.digest, state: 'copying', total: layer.size } as const;
  onProgress?.({ ...report, current: 0 });
  const path = join(folder, digestHex(layer.digest));
  const hash = createHash('sha256');
  await step('source', source.reference, async () => {
    await writeBlobFile(path, layer, source.blob(layer, { signal }), {
      signal,
      onProgress: (current) => onProgress?.({ ...report, current }),
    });
    const { decompress } = await import('@lading/layer');
    for await (const chunk of decompress(readBlobFile(path, layer, { signal })).chunks) hash.update(chunk);
  });
  return parseDigest(`sha256:${hash.digest('hex')}`);
}
