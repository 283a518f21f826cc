// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  digestBytes,
  MediaType,
  manifestTypeOf,
  parseReference,
} from '@lading/image-spec';
import { warmUpArchives } from '@lading/layer';
import type { ContentSource } from '@lading/registry-client';
import type { ImageRecord, LayerRecord } from '@lading/storage';
import { storageName } from '../trust/policy-name.ts';
import type { BlobOptions, ImageSource, LayerToCopy } from '../types.ts';
import { markChecked, passing, verifiedBytes } from '../verified.ts';
import { withProgress } from '../with-progress.ts';
import { findStoredImage } from './find-image.ts';
import { readSignatureData } from './signature-data.ts';
import type { StorageReference } from './storage-reference.ts';
import type { ImageStore } from './store.ts';

/**
 * Reads an image from the local store. Its layers are there unpacked: they are put together again, and given without
 * compression, so that the manifest of a copy has another digest, and the image the same ID.
 */
export function createStorageSource(store: ImageStore, reference: StorageReference): ImageSource {
  const { image, text } = reference;
  const wanted = image.name ?? image.id;
  const digest = image.name === undefined ? undefined : parseReference(image.name).digest;
  const archives = new Map<Digest, LayerRecord>();

  const find = (): Promise<ImageRecord> => findStoredImage(store, image);

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

  function read(descriptor: Descriptor, options: BlobOptions): ContentSource {
    const { signal } = options;
    const archive = archives.get(descriptor.digest);
    const bytes =
      archive === undefined
        ? verifiedBytes(documentOf(descriptor), descriptor, signal)
        : store.layers.open(archive.id, { signal });
    const passed = passing(bytes, withProgress(bytes, options));
    return archive === undefined ? passed : markChecked(passed, descriptor.digest);
  }

  async function* documentOf({ digest }: Descriptor): AsyncGenerator<Uint8Array> {
    const bytes = await store.images.bigData((await find()).id, digest);
    if (bytes === undefined) {
      throw new LadingError(Code.NotFound, `the local store has no blob ${digest} of ${wanted}`, {
        reason: 'BLOB_UNKNOWN',
      });
    }
    yield bytes;
  }

  return {
    reference: text,
    // Also where the manifest says that they are compressed, as that of a `docker save` does.
    layersAreUncompressed: true,
    async manifest(instance) {
      const { id } = await find();
      const asked = instance ?? digest;
      const bytes =
        (asked === undefined ? undefined : await store.images.bigData(id, `manifest-${asked}`)) ??
        (instance === undefined ? await store.images.readManifest(id) : undefined);
      if (bytes === undefined) {
        throw new LadingError(Code.NotFound, `the image ${wanted} has no manifest ${instance}`, {
          reason: 'MANIFEST_UNKNOWN',
        });
      }
      return { bytes, mediaType: manifestTypeOf(bytes), digest: await digestBytes(bytes) };
    },
    async policyName() {
      return storageName(image, store.graphRoot ?? reference.graphRoot, (await find()).id);
    },
    async signatures(manifest) {
      const { id, metadata } = await find();
      return readSignatureData(metadata, manifest, (key) => store.images.bigData(id, key));
    },
    async layersToCopy({ layers }) {
      const records = await chain(await find());
      if (records.length !== layers.length) {
        throw new LadingError(
          Code.FailedPrecondition,
          `the image ${wanted} has ${records.length} layers in the store, its manifest has ${layers.length}`,
        );
      }
      const largestBytes = Math.max(0, ...records.map(({ diffSize = 0 }) => diffSize));
      warmUpArchives({ largestBytes }); // its start takes as long as the first talk with a registry
      return layers.map((original, i): LayerToCopy => {
        const record = records[i];
        if (record?.diffDigest === undefined || record.diffSize === undefined || record.diffSize < 0) {
          throw new LadingError(
            Code.Unimplemented,
            `the layer ${original.digest} is kept without the digest of its archive`,
            { reason: 'UNSUPPORTED' },
          );
        }
        const { diffDigest: digest, diffSize: size } = record;
        archives.set(digest, record);
        if (digest === original.digest) return { layer: original };
        const docker = original.mediaType.startsWith('application/vnd.docker.');
        const mediaType = docker ? MediaType.DockerLayer : MediaType.Layer;
        const isFrom = record.compressedDiffDigest === original.digest;
        return { layer: { mediaType, digest, size }, ...(isFrom ? { unpackedFrom: original } : {}) };
      });
    },
    blob: (descriptor, options = {}) => read(descriptor, options),
    async close() {},
  };
}
