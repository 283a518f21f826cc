// SPDX-License-Identifier: Apache-2.0

export type { DocumentInput, ParseOptions } from '@lading/document';
export { encodeJson } from '@lading/document';
// For everyone.
export { Annotation } from './annotation.ts';
export { chainIds } from './chain-id.ts';
export type { Descriptor } from './descriptor.ts';
export {
  descriptorOf,
  EmptyDescriptor,
  embeddedData,
  isDescriptor,
  parseDescriptor,
} from './descriptor.ts';
export type { Digest, DigestAlgorithm } from './digest.ts';
export { digestAlgorithm, digestHex, isDigest, parseDigest } from './digest.ts';
export { digestBytes } from './digest-bytes.ts';
export type {
  DockerManifest,
  DockerManifestList,
  DockerManifestListEntry,
  DockerPlatform,
} from './docker-manifest.ts';
export {
  isDockerManifest,
  isDockerManifestList,
  parseDockerManifest,
  parseDockerManifestList,
} from './docker-manifest.ts';
export type {
  DockerManifestV1,
  DockerManifestV1History,
  DockerManifestV1Layer,
  DockerManifestV1Signature,
} from './docker-manifest-v1.ts';
export { dockerManifestV1Payload, isDockerManifestV1, parseDockerManifestV1 } from './docker-manifest-v1.ts';
export { familiarReference, normalizeReference, parseFamiliarReference } from './familiar-reference.ts';
export type { Hasher, HasherFactory } from './hasher.ts';
export { createHasher } from './hasher.ts';
export type { ContainerConfig, HealthCheck, History, ImageConfig, RootFs } from './image-config.ts';
export { isImageConfig, parseImageConfig } from './image-config.ts';
export type { ImageLayout } from './image-layout.ts';
export { isImageLayout, parseImageLayout } from './image-layout.ts';
export type { Index, Manifest } from './manifest.ts';
export { isIndex, isManifest, parseIndex, parseManifest } from './manifest.ts';
export type { ManifestOrIndex } from './manifest-or-index.ts';
export { manifestTypeOf, parseManifestOrIndex } from './manifest-or-index.ts';
export { isConfigType, isIndexType, isLayerType, isManifestType, MediaType } from './media-type.ts';
export { normalizeArchitecture, normalizePlatform } from './normalize-platform.ts';
export type { Platform } from './platform.ts';
export { formatPlatform, parsePlatform } from './platform-text.ts';
export type { Reference } from './reference.ts';
export { formatReference, parseReference, withDefaultTag } from './reference.ts';
export { matchesPlatform, platformCandidates, selectPlatform } from './select-platform.ts';
export { formatTimestamp } from './timestamp.ts';
// For authors of clients and stores, who check content while it flows.
export type { ExpectedContent } from './verify-bytes.ts';
export { verifyBytes } from './verify-bytes.ts';
export type { VerifyOptions } from './verify-stream.ts';
export { verifyStream } from './verify-stream.ts';
