// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest } from '@lading/image-spec';
import type { ContentSource } from '@lading/registry-client';
import type { BlobOptions, CallOptions, Origin, PutBlobState } from '../types.ts';

/** A manifest or index, and what names it. */
export interface StoredManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** Options of {@link ImageRepository.pushManifest}. */
export interface StoreManifestOptions extends CallOptions {
  readonly mediaType: string;
  /** Default: none, it is stored under its digest. */
  readonly tags?: readonly string[] | undefined;
  /** True for a manifest that an index to come lists: a layout then does not list it by itself. Default: false. */
  readonly isInstance?: boolean | undefined;
}

/** Options of {@link ImageRepository.pushBlob}. */
export interface StoreBlobOptions extends BlobOptions {
  /** A repository that has the blob, for a registry that can take it from there. */
  readonly origin?: Origin | undefined;
}

/**
 * A place that keeps many images, and what says something about them: a repository of a registry, or an OCI
 * layout. Everything in it has a digest, and some manifests have tags.
 */
export interface ImageRepository extends AsyncDisposable {
  /** Without tag and digest: `docker://quay.io/team/app`, `oci:folder`. */
  readonly reference: string;
  readonly origin?: Origin | undefined;
  /** What a tag or digest stands for. @throws NotFound (`MANIFEST_UNKNOWN`) */
  resolve(tagOrDigest: string, options?: CallOptions): Promise<Descriptor>;
  /** At most 4 MiB, verified. @throws NotFound (`MANIFEST_UNKNOWN`) */
  manifest(tagOrDigest: string, options?: CallOptions): Promise<StoredManifest>;
  /** Stores a manifest after its blobs. One with a `subject` is listed among the referrers of that. */
  pushManifest(bytes: Uint8Array, options: StoreManifestOptions): Promise<Descriptor>;
  /** Deletes a manifest with all its tags. @throws NotFound, Unimplemented where it is not allowed */
  deleteManifest(digest: Digest, options?: CallOptions): Promise<void>;
  tags(options?: CallOptions): AsyncGenerator<string>;
  /** Takes a tag away; the manifest stays. @throws NotFound, Unimplemented where it cannot be done */
  untag(tag: string, options?: CallOptions): Promise<void>;
  /** Manifests that name this one as their subject. */
  referrers(digest: Digest, options?: CallOptions): AsyncGenerator<Descriptor>;
  /** A blob by its digest; undefined where it is not there. */
  headBlob(digest: Digest, options?: CallOptions): Promise<Descriptor | undefined>;
  /** The bytes of a blob, verified while they flow. */
  blob(descriptor: Descriptor, options?: BlobOptions): ContentSource;
  /** Takes a blob, unless it has it. Verifies digest and size. */
  pushBlob(
    descriptor: Descriptor,
    source: () => ContentSource,
    options?: StoreBlobOptions,
  ): Promise<PutBlobState>;
  /** @throws NotFound (`BLOB_UNKNOWN`), Unimplemented where it is not allowed */
  deleteBlob(digest: Digest, options?: CallOptions): Promise<void>;
}
