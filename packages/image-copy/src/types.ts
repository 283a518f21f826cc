// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest, Manifest } from '@lading/image-spec';
import type { ContentSource, StreamedBlob } from '@lading/registry-client';
import type { ImageSignature } from './trust/image-signature.ts';
import type { PolicyName } from './trust/policy-name.ts';

/** The bytes of a manifest or index, which are what its digest is of. */
export interface ManifestBytes {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: Digest;
}

/** Options of every call that only waits. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface BlobOptions extends CallOptions {
  /** How many bytes of the blob have passed. */
  readonly onProgress?: ((current: number) => void) | undefined;
}

/** A repository that has blobs, for registries that can take them from there. */
export interface Origin {
  readonly host: string;
  readonly repository: string;
}

/** What a manifest of Docker's schema 1 says of where the image is. */
export interface EmbeddedName {
  /** Without the host. */
  readonly repository: string;
  /** Empty where the place has none. */
  readonly tag: string;
}

/** The manifest whose signatures are asked for. */
export interface SignedManifest {
  readonly digest: Digest;
  /** Given when it is one that an index lists. */
  readonly instance?: Digest | undefined;
}

/** A layer that a source gives in place of one that it has lost. */
export interface LayerToCopy {
  readonly layer: Descriptor;
  /** The manifest's own layer, where this one certainly came of it: a destination that has that need not read this. */
  readonly unpackedFrom?: Descriptor | undefined;
}

/** Where an image is read from. Implement it to copy from a place of your own. */
export interface ImageSource {
  /** As a person would write it: `docker://docker.io/library/busybox:latest`. */
  readonly reference: string;
  readonly origin?: Origin | undefined;
  /** True when layers are tar archives that are not compressed, whatever their media types say. Default: false. */
  readonly layersAreUncompressed?: boolean | undefined;
  /** The path of a source in the file system, whose folders are the scopes of a policy. */
  readonly location?: string | undefined;
  /** What a policy knows the image by. Default: by the reference and the location. */
  policyName?(options?: CallOptions): Promise<PolicyName>;
  /** The signatures kept beside a manifest, none of them verified. Default: there are none. */
  signatures?(manifest: SignedManifest, options?: CallOptions): Promise<readonly ImageSignature[]>;
  /** Bundles of sigstore that refer to a manifest, none of them verified; a copy leaves them. Default: there are none. */
  sigstoreBundles?(manifest: SignedManifest, options?: CallOptions): Promise<readonly Uint8Array[]>;
  /**
   * The manifest or index that the reference names; with `instance` a manifest that the index lists. At most
   * 4 MiB, verified against its digest.
   */
  manifest(instance?: Digest, options?: CallOptions): Promise<ManifestBytes>;
  /**
   * For a source that has lost the blobs of its manifest and has others with the same content: descriptors of
   * those, one for each layer. The manifest is then rewritten. Default: the manifest's own layers.
   */
  layersToCopy?(manifest: Manifest, options?: CallOptions): Promise<readonly LayerToCopy[]>;
  /** How large a blob is, for manifests of Docker's schema 1, which do not say. Default: those cannot be read. */
  blobSize?(digest: Digest, options?: CallOptions): Promise<number>;
  /** The bytes of a blob, verified while they flow: only a normal end means that they are right. */
  blob(descriptor: Descriptor, options?: BlobOptions): ContentSource;
  /**
   * The bytes of a blob from an offset on, for a write that goes on after its line broke. They need not be verified.
   * Default: all are read again.
   */
  blobFrom?(descriptor: Descriptor, offset: number, options?: CallOptions): ContentSource;
  /**
   * The bytes from `start` to before `end`, verified by nobody, for a layer of which only some files are wanted. Fails
   * with Unimplemented (`RANGE_UNSUPPORTED`) where the blob comes as a whole or not at all. Leave it out where nothing
   * is saved by it.
   */
  blobPart?(descriptor: Descriptor, start: number, end: number, options?: CallOptions): ContentSource;
  /** The tags beside this image, in the order of the registry. Leave it out where there are none. */
  tags?(options?: CallOptions): AsyncIterable<string>;
  close(): Promise<void>;
}

/** Where a blob stands among the layers of an image. */
export interface LayerPosition {
  /** 0 is the lowest. */
  readonly index: number;
  /** The diffIDs of all layers, as the image's config lists them; not yet proven. */
  readonly diffIds: readonly Digest[];
}

export interface HasBlobOptions extends CallOptions {
  /** Repositories of a registry that are known to have the blob, and that it may be taken from. */
  readonly repositories?: ((host: string) => Promise<readonly string[]>) | undefined;
}

export interface PutBlobOptions extends BlobOptions {
  /** Given for the layers of an image, not for its config. */
  readonly layer?: LayerPosition | undefined;
  readonly origin?: Origin | undefined;
  /** Repositories of a registry that are known to have the blob, the likeliest first. */
  readonly repositories?: ((host: string) => Promise<readonly string[]>) | undefined;
  /** The bytes from an offset on, verified by nobody, for a write that goes on. Default: all are read again. */
  readonly sourceFrom?: ((offset: number) => ContentSource) | undefined;
  /** The bytes from `start` to before `end`, verified by nobody. Default: parts cannot be had. */
  readonly sourcePart?: ((start: number, end: number) => ContentSource) | undefined;
}

/** `stored`: its bytes were read. `exists`, `mounted`: it was there, or came from a neighbour. */
export type PutBlobState = 'stored' | 'exists' | 'mounted';

export interface PutManifestOptions extends CallOptions {
  /** Given for a manifest that the index to come lists. */
  readonly instance?: Digest | undefined;
}

export interface CommitOptions extends CallOptions {
  /** The index that the image was chosen from. */
  readonly chosenFrom?: ManifestBytes | undefined;
}

/** The ways in which layers can be compressed. `zstd:chunked` is zstd with a table of contents. */
export type LayerCompression = 'gzip' | 'zstd' | 'zstd:chunked';

/**
 * Where an image is written to. Implement it to copy to a place of your own. Nothing is to be visible under
 * the reference before `commit()`.
 */
export interface ImageDestination {
  readonly reference: string;
  /** Types of manifests and indexes that may be written, best first. Undefined: any. */
  readonly manifestTypes?: readonly string[] | undefined;
  /** The repository that is written to. Default: it is none. */
  readonly place?: Origin | undefined;
  /** What the place is called in a registry, which manifests of Docker's schema 1 say. Default: nothing. */
  readonly embeddedName?: EmbeddedName | undefined;
  /** True when a layer that an image has twice is to be put twice, once a position. Default: false. */
  readonly putsEveryLayer?: boolean | undefined;
  /** False when only one image fits in, no index. Default: true. */
  readonly takesIndexes?: boolean | undefined;
  /** How layers are to be. Default: as the source has them. */
  readonly layerCompression?: 'compressed' | 'uncompressed' | undefined;
  /** True when blobs are to be put one at a time, layers from the lowest up. Default: false. */
  readonly putsInOrder?: boolean | undefined;
  /** True when layers with `urls` need not be put. Default: false. */
  readonly takesForeignLayers?: boolean | undefined;
  /** Why a manifest cannot be written in another form than it has; undefined where it can. */
  readonly keepsManifests?: string | undefined;
  /**
   * Takes a blob, unless it has it: then `source` is not called. Verifies digest and size. May be called for
   * several blobs at once. `source` gives the same bytes each time it is called.
   */
  putBlob(
    descriptor: Descriptor,
    source: () => ContentSource,
    options?: PutBlobOptions,
  ): Promise<PutBlobState>;
  /**
   * Takes a blob while it comes into being, and gives what it was. `source` may be called again, for the same bytes.
   * Leave it out where a digest must be known first: such a blob then goes through a file.
   */
  putNewBlob?(
    source: () => StreamedBlob,
    options?: CallOptions,
  ): Promise<Pick<Descriptor, 'digest' | 'size'>>;
  /** Whether a blob is there, and need not be put. Leave it out where the answer takes as long as putting. */
  hasBlob?(blob: Pick<Descriptor, 'digest' | 'size'>, options?: HasBlobOptions): Promise<boolean>;
  /** Takes a manifest after its blobs, and an index after its manifests. */
  putManifest(bytes: Uint8Array, mediaType: string, options?: PutManifestOptions): Promise<void>;
  /**
   * Takes all signatures of a manifest that was put, in place of those of an earlier image. Leave it out where
   * signatures have no place: a signed image is then copied only without them.
   */
  putSignatures?(
    signatures: readonly ImageSignature[],
    manifest: SignedManifest,
    options?: CallOptions,
  ): Promise<void>;
  /** Makes the image visible under the reference. */
  commit(options?: CommitOptions): Promise<void>;
  /** Takes away what is half made. May be called at any time; after `commit()` it does nothing. */
  abort(): Promise<void>;
  /** Lets go of connections and locks; the last call. */
  close(): Promise<void>;
}
