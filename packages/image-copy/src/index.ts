// SPDX-License-Identifier: Apache-2.0

// For authors of other transports, and of programs that show what an image is.
export { chooseInstance, hostPlatform } from './choose-instance.ts';
// For everyone.
export type { ManifestFormat } from './convert.ts';
export { convertIndex, convertManifest, formatOf, manifestTypeIn } from './convert.ts';
export type { CopyResult } from './copy-image.ts';
export { copyImage } from './copy-image.ts';
export type { CompressionOptions, CopyOptions, EncryptionOptions, ImageFormat } from './copy-options.ts';
export type { RegistryContext } from './docker/context.ts';
export { listDockerArchive } from './docker-archive/list.ts';
export type { ArchivedImage } from './docker-archive/manifest-json.ts';
export type { DockerArchive } from './docker-archive/writer.ts';
export { createDockerArchive } from './docker-archive/writer.ts';
export type { DaemonContext } from './docker-daemon/engine-api.ts';
export { isEncryptedType } from './encryption/encrypted-type.ts';
export type { DecryptionKey, EncryptionKey, ReadKeyOptions } from './encryption/keys.ts';
export { readDecryptionKey, readEncryptionKey } from './encryption/keys.ts';
export type { ImageTransport, TransportContext } from './image-transport.ts';
export { withInnerImages } from './inner-images.ts';
export type { KnownLayers, KnownLayersOptions } from './known-layers.ts';
export { openKnownLayers } from './known-layers.ts';
export type { KnownBlob } from './known-lines.ts';
export { listLayout } from './oci/list.ts';
export type { CopyProgress, OnCopyProgress } from './progress.ts';
export type { CopyReferrersOptions } from './referrers/copy-referrers.ts';
export { copyReferrers } from './referrers/copy-referrers.ts';
export type { DigestTags } from './referrers/digest-tags.ts';
export { listDigestTags } from './referrers/digest-tags.ts';
export type { ReadReferrersOptions, ReferrerNode } from './referrers/referrer-tree.ts';
export { readReferrers } from './referrers/referrer-tree.ts';
export type { CopyContentOptions } from './repository/copy-content.ts';
export { copyContent } from './repository/copy-content.ts';
export type { OpenedRepository, OpenRepositoryOptions } from './repository/open-repository.ts';
export { openRepository } from './repository/open-repository.ts';
export type {
  ImageRepository,
  StoreBlobOptions,
  StoredManifest,
  StoreManifestOptions,
} from './repository/types.ts';
export type { Side } from './side.ts';
export { onSide, sideOf } from './side.ts';
export { createStorageDestination } from './storage/destination.ts';
export type { ImageStore } from './storage/store.ts';
export type { ListSyncOptions, SyncImage, SyncSource } from './sync/list-images.ts';
export { listSyncImages } from './sync/list-images.ts';
export type { SyncRegistry } from './sync/sync-file.ts';
export { parseSyncFile } from './sync/sync-file.ts';
export type { SyncDestination, SyncedImage } from './sync/sync-image.ts';
export { syncImage, syncTarget } from './sync/sync-image.ts';
export type { TagFilter, TagPatternOptions } from './sync/tag-filter.ts';
export { tagPattern } from './sync/tag-filter.ts';
export type { TransportReference } from './transports.ts';
export { deleteImage, openDestination, openSource, parseTransport, transports } from './transports.ts';
export type { DeviceGrantOptions, DevicePrompt } from './trust/device-grant.ts';
export { requestIdToken } from './trust/device-grant.ts';
export type { EvaluatePolicyOptions, PolicyImage } from './trust/evaluate-policy.ts';
export { evaluatePolicy } from './trust/evaluate-policy.ts';
export type { FulcioIdentity } from './trust/fulcio-certificate.ts';
export type { GpgOptions } from './trust/gpg.ts';
export type { GpgSignerOptions } from './trust/gpg-signer.ts';
export { createGpgSigner, exportGpgKeys } from './trust/gpg-signer.ts';
export type { ImageSignature } from './trust/image-signature.ts';
export type { ImageSigner } from './trust/image-signer.ts';
export { readKeyOwners } from './trust/key-owners.ts';
export type { NamedSigners, OpenSignersOptions } from './trust/named-signers.ts';
export { openSigners } from './trust/named-signers.ts';
export type { SignedClaim } from './trust/payload.ts';
export type { PolicyName } from './trust/policy-name.ts';
export type { SigstoreKeyPair } from './trust/sigstore-private-key.ts';
export { generateSigstoreKey } from './trust/sigstore-private-key.ts';
export type { ServiceOptions } from './trust/sigstore-service.ts';
export type {
  SigstoreFulcioOptions,
  SigstoreKeyOptions,
  SigstoreLogOptions,
  SigstoreSignerOptions,
} from './trust/sigstore-signer.ts';
export { createSigstoreSigner } from './trust/sigstore-signer.ts';
export type { UntrustedSignature } from './trust/untrusted-signature.ts';
export { readUntrustedSignature } from './trust/untrusted-signature.ts';
export type { VerifiedSignature, VerifySimpleOptions } from './trust/verify-simple-signature.ts';
export { verifySimpleSignature } from './trust/verify-simple-signature.ts';
export type {
  BlobOptions,
  CallOptions,
  CommitOptions,
  EmbeddedName,
  HasBlobOptions,
  ImageDestination,
  ImageSource,
  LayerCompression,
  LayerPosition,
  LayerToCopy,
  ManifestBytes,
  Origin,
  PutBlobOptions,
  PutBlobState,
  PutManifestOptions,
  SignedManifest,
} from './types.ts';
