// SPDX-License-Identifier: Apache-2.0
import { type Rule, text } from '@lading/document';

/**
 * The media types of image documents and layers, OCI's and Docker's.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md
 */
export const MediaType = {
  Descriptor: 'application/vnd.oci.descriptor.v1+json',
  ImageLayout: 'application/vnd.oci.layout.header.v1+json',
  ImageIndex: 'application/vnd.oci.image.index.v1+json',
  ImageManifest: 'application/vnd.oci.image.manifest.v1+json',
  ImageConfig: 'application/vnd.oci.image.config.v1+json',
  /** The two bytes `{}`: the config of an artifact that has none. */
  Empty: 'application/vnd.oci.empty.v1+json',
  Layer: 'application/vnd.oci.image.layer.v1.tar',
  LayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  LayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  /** Deprecated: layers that were not to be pushed. */
  LayerNondistributable: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  LayerNondistributableGzip: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  LayerNondistributableZstd: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  DockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  DockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  DockerConfig: 'application/vnd.docker.container.image.v1+json',
  DockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  DockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  DockerLayerForeign: 'application/vnd.docker.image.rootfs.foreign.diff.tar',
  DockerLayerForeignGzip: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  /** Schema 1, which only old registries serve; see `parseDockerManifestV1`. */
  DockerManifestV1: 'application/vnd.docker.distribution.manifest.v1+json',
  DockerManifestV1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
} as const;

export type MediaType = (typeof MediaType)[keyof typeof MediaType];

const layerTypes: ReadonlySet<string> = new Set([
  MediaType.Layer,
  MediaType.LayerGzip,
  MediaType.LayerZstd,
  MediaType.LayerNondistributable,
  MediaType.LayerNondistributableGzip,
  MediaType.LayerNondistributableZstd,
  MediaType.DockerLayer,
  MediaType.DockerLayerGzip,
  MediaType.DockerLayerForeign,
  MediaType.DockerLayerForeignGzip,
]);

/** An OCI index or a Docker manifest list. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === MediaType.ImageIndex || mediaType === MediaType.DockerManifestList;
}

/** The manifest of one image, OCI's or Docker's schema 2. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === MediaType.ImageManifest || mediaType === MediaType.DockerManifest;
}

/** The config document of an image, OCI's or Docker's. */
export function isConfigType(mediaType: string): boolean {
  return mediaType === MediaType.ImageConfig || mediaType === MediaType.DockerConfig;
}

/** A layer of a file system, compressed or not. */
export function isLayerType(mediaType: string): boolean {
  return layerTypes.has(mediaType);
}

const name = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}';
const grammar = new RegExp(`^${name}/${name}$`);

/** RFC 6838, section 4.2. */
export const mediaType: Rule<string> = text('a media type (type/subtype)', (value) => grammar.test(value));
