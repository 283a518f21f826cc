// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  descriptorOf,
  encodeJson,
  MediaType,
  parseImageConfig,
} from '@lading/image-spec';
import { decompress, type TarMember } from '@lading/layer';
import { type Archive, openArchive, verifiedMember } from '../archive-file.ts';
import type { ImageSource, ManifestBytes } from '../types.ts';
import { type ArchivedImage, chooseImage, readManifestJson } from './manifest-json.ts';
import type { DockerArchiveReference } from './reference.ts';

interface Contents extends ManifestBytes {
  readonly archive: Archive;
  readonly config: { readonly descriptor: Descriptor; readonly bytes: Uint8Array };
  readonly layers: ReadonlyMap<Digest, TarMember>;
}

/** Reads an image from what `docker save` and `podman save` write. The file is opened with the first call. */
export function createDockerArchiveSource(reference: DockerArchiveReference): ImageSource {
  return createSavedSource(reference, (signal) => openArchive(reference.path, { signal }));
}

/**
 * Reads an image from an archive of `docker save`. It holds no manifest, so one is made, in Docker's format: the
 * same bytes as other tools make, so that all know the image by one digest. Layers are known by their diffIDs.
 */
export function createSavedSource(
  reference: Pick<DockerArchiveReference, 'text' | 'name' | 'position'>,
  open: (signal: AbortSignal | undefined) => Promise<Archive>,
): ImageSource {
  let archive: Promise<Archive> | undefined;
  let contents: Promise<Contents> | undefined;

  async function read(signal: AbortSignal | undefined): Promise<Contents> {
    archive ??= open(signal);
    contents ??= archive.then(async (opened) =>
      readContents(opened, chooseImage(await readManifestJson(opened), reference)),
    );
    return contents;
  }

  async function* blob(descriptor: Descriptor, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const { archive: opened, config, layers } = await read(signal);
    const layer = layers.get(descriptor.digest);
    if (layer !== undefined) yield* decompress(opened.read(layer)).chunks;
    else if (descriptor.digest === config.descriptor.digest) yield config.bytes;
    else {
      throw new LadingError(Code.NotFound, `the archive has no blob ${descriptor.digest}`, {
        reason: 'BLOB_UNKNOWN',
      });
    }
  }

  return {
    reference: reference.text,
    layersAreUncompressed: true,
    async manifest(instance, { signal } = {}) {
      const { bytes, mediaType, digest } = await read(signal);
      if (instance === undefined || instance === digest) return { bytes, mediaType, digest };
      throw new LadingError(Code.NotFound, `the archive has no manifest ${instance}`, {
        reason: 'MANIFEST_UNKNOWN',
      });
    },
    blob: (descriptor, options = {}) => verifiedMember(blob(descriptor, options.signal), descriptor, options),
    async close() {
      const opened = await archive?.catch(() => undefined); // its failure was the first call's
      await opened?.close();
    },
  };
}

async function readContents(archive: Archive, image: ArchivedImage): Promise<Contents> {
  const bytes = await archive.document(image.config, 'BLOB_UNKNOWN');
  const { diff_ids: diffIds } = parseImageConfig(bytes).rootfs;
  if (diffIds.length !== image.layers.length) {
    throw new LadingError(
      Code.InvalidArgument,
      `the archive has ${image.layers.length} layers, the config lists ${diffIds.length}`,
      { reason: 'MANIFEST_INVALID' },
    );
  }
  const layers = new Map<Digest, TarMember>();
  const sizes = new Map<Digest, number>();
  for (const [i, diffId] of diffIds.entries()) {
    if (layers.has(diffId)) continue; // an image may have a layer twice, as one member or two
    const member = archive.find(image.layers[i] ?? '', 'BLOB_UNKNOWN');
    layers.set(diffId, member);
    sizes.set(diffId, await uncompressedSize(archive, member));
  }
  const descriptor = await descriptorOf(MediaType.DockerConfig, bytes);
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.DockerManifest,
    config: { mediaType: MediaType.DockerConfig, size: descriptor.size, digest: descriptor.digest },
    layers: diffIds.map((digest) => ({
      // Layers here are not compressed; the type is the one that skopeo gives them.
      mediaType: MediaType.DockerLayerGzip,
      size: sizes.get(digest),
      digest,
    })),
  });
  const { digest } = await descriptorOf(MediaType.DockerManifest, manifest);
  return {
    archive,
    bytes: manifest,
    mediaType: MediaType.DockerManifest,
    digest,
    config: { descriptor, bytes },
    layers,
  };
}

/** Some programs compress the layers in an archive; how large they become is told by nothing but doing it. */
async function uncompressedSize(archive: Archive, member: TarMember): Promise<number> {
  const { chunks, compression } = decompress(archive.read(member));
  let size = 0;
  for await (const chunk of chunks) {
    if (compression() === 'none') return member.size;
    size += chunk.length;
  }
  return size;
}
