// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Index, isConfigType, type Manifest, MediaType } from '@lading/image-spec';

/** The two families of manifests: the OCI's, and Docker's schema 2. */
export type ManifestFormat = 'oci' | 'v2s2';

const toOci: ReadonlyMap<string, string> = new Map<string, string>([
  [MediaType.DockerManifest, MediaType.ImageManifest],
  [MediaType.DockerManifestList, MediaType.ImageIndex],
  [MediaType.DockerConfig, MediaType.ImageConfig],
  [MediaType.DockerLayer, MediaType.Layer],
  [MediaType.DockerLayerGzip, MediaType.LayerGzip],
  [MediaType.DockerLayerForeign, MediaType.LayerNondistributable],
  [MediaType.DockerLayerForeignGzip, MediaType.LayerNondistributableGzip],
]);
const toDocker: ReadonlyMap<string, string> = new Map([...toOci].map(([docker, oci]) => [oci, docker]));

/** The type that a manifest or index has in a format. Docker's schema 1 has none for an index. */
export function manifestTypeIn(format: ManifestFormat | 'v2s1', mediaType: string): string {
  if (format === 'v2s1') return MediaType.DockerManifestV1Signed;
  const old = mediaType === MediaType.DockerManifestV1 || mediaType === MediaType.DockerManifestV1Signed;
  const known = old ? MediaType.DockerManifest : mediaType;
  return (format === 'oci' ? toOci : toDocker).get(known) ?? known;
}

/** The OCI's type for a layer of Docker's; other types stay. */
export function layerTypeOfOci(mediaType: string): string {
  return toOci.get(mediaType) ?? mediaType;
}

/** The format that a type of manifests or indexes belongs to. */
export function formatOf(mediaType: string): ManifestFormat {
  return toOci.has(mediaType) ? 'v2s2' : 'oci';
}

/**
 * The manifest with the media types of another format. The config and the layers stay the bytes they are, so
 * the image keeps its ID.
 *
 * @throws Unimplemented for what Docker's format cannot say: artifacts, zstd layers
 */
export function convertManifest(manifest: Manifest, format: ManifestFormat): Manifest {
  if (format === 'oci') {
    return {
      ...manifest,
      schemaVersion: 2,
      mediaType: MediaType.ImageManifest,
      config: ordered(retyped(manifest.config, toOci), format),
      layers: manifest.layers.map((layer) => ordered(retyped(layer, toOci), format)),
    };
  }
  if (!isConfigType(manifest.config.mediaType)) throw refused(`an artifact (${manifest.config.mediaType})`);
  const layers = manifest.layers.map((layer) => retyped(layer, toDocker));
  const strange = layers.find(({ mediaType }) => !toOci.has(mediaType));
  if (strange !== undefined) throw refused(`a layer of type ${strange.mediaType}`);
  return {
    schemaVersion: 2,
    mediaType: MediaType.DockerManifest,
    config: ordered(retyped(manifest.config, toDocker), format),
    layers: layers.map(({ annotations: _, ...layer }) => ordered(layer, format)),
  };
}

/** The index with other manifests in it, and of the format that they are in. */
export function convertIndex(
  index: Index,
  format: ManifestFormat,
  instances: ReadonlyMap<string, Descriptor>,
): Index {
  return {
    ...index,
    mediaType: format === 'oci' ? MediaType.ImageIndex : MediaType.DockerManifestList,
    manifests: index.manifests.map((entry) => ordered({ ...entry, ...instances.get(entry.digest) }, format)),
  };
}

function retyped(descriptor: Descriptor, types: ReadonlyMap<string, string>): Descriptor {
  return { ...descriptor, mediaType: types.get(descriptor.mediaType) ?? descriptor.mediaType };
}

/** With members in the order in which the programs of each format write them: one image, one digest. */
function ordered(descriptor: Descriptor, format: ManifestFormat): Descriptor {
  const { mediaType, digest, size, ...rest } = descriptor;
  return format === 'oci' ? { mediaType, digest, size, ...rest } : { mediaType, size, digest, ...rest };
}

function refused(what: string): LadingError {
  return new LadingError(Code.Unimplemented, `${what} has no form in Docker's format; keep the OCI's`, {
    reason: 'UNSUPPORTED',
  });
}
