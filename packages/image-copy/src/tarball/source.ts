// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  formatTimestamp,
  MediaType,
  normalizeArchitecture,
  parseDigest,
  verifyStream,
} from '@lading/image-spec';
import { decompress } from '@lading/layer';
import { readBlobFile } from '../blob-file.ts';
import type { BlobOptions, ImageSource, ManifestBytes } from '../types.ts';
import { markVerified } from '../verified.ts';
import { withProgress } from '../with-progress.ts';
import { stdinFile } from './stdin-file.ts';

interface Layer {
  readonly path: string;
  /** The layer is what the file holds: in the file it is compressed as no layer may be. */
  readonly isUnpacked: boolean;
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  /** When the file was changed, as Go writes it. */
  readonly time: string | undefined;
  readonly timeNs: bigint;
}

interface Contents extends ManifestBytes {
  readonly config: { readonly descriptor: Descriptor; readonly bytes: Uint8Array };
  readonly layers: readonly Layer[];
}

const layerTypes = { none: MediaType.Layer, gzip: MediaType.LayerGzip, zstd: MediaType.LayerZstd } as const;

/**
 * Makes an image of root file systems in tar archives, one a layer, lowest first; `-` is stdin. It is for this
 * machine's platform, and as old as its youngest file. What bzip2 or xz has compressed becomes a layer without
 * compression.
 *
 * @param text what follows `tarball:`, the paths with colons between them
 */
export function createTarballSource(
  text: string,
  cwd: string,
  stdin: AsyncIterable<Uint8Array> = process.stdin,
): ImageSource {
  const paths = text.split(':');
  if (paths.includes('')) {
    throw new LadingError(Code.InvalidArgument, `tarball:${text.slice(0, 200)}: write tarball:PATH[:PATH…]`);
  }
  const spooled = stdinFile(stdin);
  let contents: Promise<Contents> | undefined;

  async function read(signal: AbortSignal | undefined): Promise<Contents> {
    const layers: Layer[] = [];
    for (const path of paths) {
      layers.push(await readLayer(path === '-' ? await spooled.path(signal) : resolve(cwd, path), signal));
    }
    return describe(layers);
  }
  const found = (signal: AbortSignal | undefined): Promise<Contents> => {
    contents ??= read(signal);
    return contents;
  };

  async function* blob(descriptor: Descriptor, options: BlobOptions): AsyncGenerator<Uint8Array> {
    const { config, layers } = await found(options.signal);
    options.signal?.throwIfAborted();
    const layer = layers.find((other) => other.descriptor.digest === descriptor.digest);
    if (layer !== undefined) {
      yield* layer.isUnpacked
        ? unpackedFile(layer.path, descriptor, options)
        : readBlobFile(layer.path, descriptor, options);
    } else if (descriptor.digest === config.descriptor.digest) {
      if (descriptor.size !== config.bytes.length) {
        throw new LadingError(Code.DataLoss, `the config has ${config.bytes.length} bytes`, {
          reason: 'SIZE_MISMATCH',
        });
      }
      yield config.bytes;
      options.onProgress?.(config.bytes.length);
    } else {
      throw new LadingError(Code.NotFound, `no blob ${descriptor.digest}`, { reason: 'BLOB_UNKNOWN' });
    }
  }

  return {
    reference: `tarball:${text}`,
    async manifest(instance, { signal } = {}) {
      const { bytes, mediaType, digest } = await found(signal);
      if (instance === undefined || instance === digest) return { bytes, mediaType, digest };
      throw new LadingError(Code.NotFound, `there is no manifest ${instance}`, {
        reason: 'MANIFEST_UNKNOWN',
      });
    },
    blob: (descriptor, options = {}) => markVerified(blob(descriptor, options), descriptor.digest),
    close: () => spooled.close(),
  };
}

async function readLayer(path: string, signal: AbortSignal | undefined): Promise<Layer> {
  await using file = await open(path).catch((cause: unknown) => {
    const { code, reason, message } = LadingError.from(cause);
    throw new LadingError(code, `the root file system cannot be opened: ${message}`, {
      ...(reason === undefined ? {} : { reason }),
      cause,
    });
  });
  const { size, mtimeNs } = await file.stat({ bigint: true });
  const compressed = createHash('sha256');
  const plain = createHash('sha256');
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 })) {
      signal?.throwIfAborted();
      compressed.update(chunk);
      yield chunk;
    }
  }
  const { chunks, compression } = decompress(bytes());
  let plainSize = 0;
  for await (const chunk of chunks) {
    plain.update(chunk);
    plainSize += chunk.length;
  }
  const digest = parseDigest(`sha256:${compressed.digest('hex')}`);
  const diffId = parseDigest(`sha256:${plain.digest('hex')}`);
  const found = compression();
  const isUnpacked = found === 'bzip2' || found === 'xz';
  return {
    path,
    isUnpacked,
    descriptor: isUnpacked
      ? { mediaType: layerTypes.none, digest: diffId, size: plainSize }
      : { mediaType: layerTypes[found], digest, size: Number(size) },
    diffId,
    time: formatTimestamp(mtimeNs),
    timeNs: mtimeNs,
  };
}

function unpackedFile(
  path: string,
  descriptor: Descriptor,
  options: BlobOptions,
): AsyncGenerator<Uint8Array> {
  const { signal } = options;
  const { chunks } = decompress(createReadStream(path, { highWaterMark: 256 * 1024 }));
  const verified = verifyStream(chunks, descriptor, createHash, signal === undefined ? {} : { signal });
  return withProgress(verified, options);
}

async function describe(layers: readonly Layer[]): Promise<Contents> {
  const [youngest] = layers.toSorted((a, b) => (a.timeNs > b.timeNs ? -1 : 1));
  const config = encodeJson({
    created: youngest?.time,
    architecture: normalizeArchitecture(process.arch),
    os: process.platform === 'win32' ? 'windows' : process.platform,
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ diffId, time }) => ({
      created: time,
      created_by: `/bin/sh -c #(nop) ADD file:${diffId.slice('sha256:'.length)} in /`,
      comment: 'imported from tarball',
    })),
  });
  const descriptor = await descriptorOf(MediaType.ImageConfig, config);
  const bytes = encodeJson({
    schemaVersion: 2,
    config: descriptor,
    layers: layers.map((layer) => layer.descriptor),
  });
  const { digest } = await descriptorOf(MediaType.ImageManifest, bytes);
  return { bytes, mediaType: MediaType.ImageManifest, digest, config: { descriptor, bytes: config }, layers };
}
