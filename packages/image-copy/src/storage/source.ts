// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  digestBytes,
  MediaType,
  parseManifestOrIndex,
  verifyStream,
} from '@lading/image-spec';
import type { ImageRecord, LayerRecord } from '@lading/storage';
import { inParallel } from '../parallel.ts';
import type { BlobOptions, ImageSource } from '../types.ts';
import { createRecompressedLayers } from './recompressed-layers.ts';
import { readSignatureData } from './signature-data.ts';
import type { StorageReference } from './storage-reference.ts';
import type { ImageStore } from './store.ts';

/** Compression takes a processor; more than these at a time only waits for it. */
const compressedAtOnce = 2;

/**
 * Reads an image from the local store. Its layers are there unpacked: they are put together again and
 * compressed anew, so that the manifest of a copy has another digest, and the image the same ID.
 */
export function createStorageSource(store: ImageStore, reference: StorageReference): ImageSource {
  const { image, text } = reference;
  const wanted = 'id' in image ? image.id : image.name;
  const recompressed = createRecompressedLayers();
  const archives = new Map<Digest, LayerRecord>();

  async function find(): Promise<ImageRecord> {
    const found = await store.images.find(wanted);
    if (found !== undefined) return found;
    throw new LadingError(Code.NotFound, `no image ${wanted} in the local store`, {
      reason: 'MANIFEST_UNKNOWN',
    });
  }

  /** The layers of the image, lowest first. */
  async function chain({ topLayer }: ImageRecord): Promise<readonly LayerRecord[]> {
    const layers: LayerRecord[] = [];
    const seen = new Set<string>();
    for (let id = topLayer; id !== undefined && !seen.has(id); ) {
      seen.add(id);
      const layer = await store.layers.get(id);
      if (layer === undefined) throw new LadingError(Code.NotFound, `the layer ${id} of ${wanted} is gone`);
      layers.unshift(layer);
      id = layer.parent;
    }
    return layers;
  }

  async function* read(
    descriptor: Descriptor,
    { signal, onProgress }: BlobOptions,
  ): AsyncGenerator<Uint8Array> {
    const archive = archives.get(descriptor.digest);
    const bytes = archive === undefined ? await documentOf(descriptor) : store.layers.open(archive.id);
    const options = signal === undefined ? {} : { signal };
    let current = 0;
    for await (const chunk of verifyStream(bytes, descriptor, (name) => createHash(name), options)) {
      current += chunk.length;
      yield chunk;
      onProgress?.(current);
    }
  }

  async function documentOf({ digest }: Descriptor): Promise<AsyncIterable<Uint8Array>> {
    const bytes = await store.images.bigData((await find()).id, digest);
    if (bytes === undefined) {
      throw new LadingError(Code.NotFound, `the local store has no blob ${digest} of ${wanted}`, {
        reason: 'BLOB_UNKNOWN',
      });
    }
    return (async function* () {
      yield bytes;
    })();
  }

  return {
    reference: text,
    async manifest(instance) {
      const { id } = await find();
      const bytes =
        instance === undefined
          ? await store.images.readManifest(id)
          : await store.images.bigData(id, `manifest-${instance}`);
      if (bytes === undefined) {
        throw new LadingError(Code.NotFound, `the image ${wanted} has no manifest ${instance}`, {
          reason: 'MANIFEST_UNKNOWN',
        });
      }
      return { bytes, mediaType: typeOf(bytes), digest: await digestBytes(bytes) };
    },
    async signatures(manifest) {
      const { id, metadata } = await find();
      return readSignatureData(metadata, manifest, (key) => store.images.bigData(id, key));
    },
    async layersToCopy({ layers }, { signal } = {}) {
      const records = await chain(await find());
      if (records.length !== layers.length) {
        throw new LadingError(
          Code.FailedPrecondition,
          `the image ${wanted} has ${records.length} layers in the store, its manifest has ${layers.length}`,
        );
      }
      const found = [...layers];
      await inParallel([...layers.entries()], compressedAtOnce, signal, async ([i, original], both) => {
        const record = records[i];
        if (record?.diffDigest === undefined || record.diffSize === undefined || record.diffSize < 0) {
          throw new LadingError(
            Code.Unimplemented,
            `the layer ${original.digest} is kept without the digest of its archive`,
            { reason: 'UNSUPPORTED' },
          );
        }
        if (record.diffDigest === original.digest) {
          archives.set(original.digest, record);
          return;
        }
        const { id, diffDigest: digest, diffSize: size } = record;
        const open = (): AsyncIterable<Uint8Array> => store.layers.open(id, { signal: both });
        found[i] = await recompressed.add({ digest, size, open }, original, both);
      });
      return found;
    },
    blob: (descriptor, options = {}) =>
      recompressed.has(descriptor.digest)
        ? recompressed.open(descriptor, options)
        : read(descriptor, options),
    close: () => recompressed.close(),
  };
}

function typeOf(bytes: Uint8Array): string {
  const document = parseManifestOrIndex(bytes);
  if (document.kind === 'index') return document.index.mediaType ?? MediaType.ImageIndex;
  return document.manifest.mediaType ?? MediaType.ImageManifest;
}
