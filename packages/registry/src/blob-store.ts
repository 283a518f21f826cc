// SPDX-License-Identifier: Apache-2.0
import type { Digest, DigestAlgorithm } from '@lading/image-spec';

/** Bytes `start` to `end` of a blob, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A blob that is being read: it can be read to its end even if it is deleted meanwhile. */
export interface OpenBlob {
  readonly size: number;
  /** Each piece is valid until the next one is asked for: its memory is used again. */
  read(range: ByteRange): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** A blob as the garbage collector sees it. */
export interface BlobFacts {
  readonly sizeBytes: number;
  /** When it was last pushed, mounted or asked for by a client that might push a manifest next. */
  readonly usedMs: number;
}

/** A blob on its way in. It is in no repository before it is published. */
export interface Upload {
  readonly size: number;
  /**
   * Appends; what arrived before a failure of the source stays.
   *
   * @throws SIZE_INVALID for more or less than `expectedBytes`; then nothing is appended
   */
  append(source: AsyncIterable<Uint8Array>, expectedBytes?: number): Promise<void>;
  /**
   * Opens what is there, for ranges up to `size` as it is when they are read: also while more is appended, and
   * after it is published.
   */
  open(): Promise<OpenBlob>;
  /** Resolves when the bytes are what the digest says, and safe. Throws DIGEST_INVALID. */
  verify(digest: Digest): Promise<void>;
  /** Makes the verified blob visible in the repository; the upload is over. */
  publish(repository: string, digest: Digest): Promise<void>;
  /** Throws the bytes away, if there are any left. */
  discard(): Promise<void>;
}

/** An upload that a client knows by its id, and may continue in a later request. */
export interface UploadSession {
  readonly id: string;
  readonly repository: string;
  readonly upload: Upload;
  /** When a client last used it. */
  usedMs: number;
  /** True after a chunk that only the last one may be as short as. */
  lastChunkShort?: boolean;
}

/**
 * Where blobs are kept: a blob belongs to the repositories that it was pushed to or mounted in. Whoever calls
 * `size` on behalf of a pusher, `publish` or `mount` holds the repository's lock with others, the garbage
 * collector alone.
 */
export interface BlobStore {
  /** Undefined: not in this repository. Who asks may be about to push a manifest: see {@link BlobFacts.usedMs}. */
  size(repository: string, digest: Digest): Promise<number | undefined>;
  open(repository: string, digest: Digest): Promise<OpenBlob | undefined>;
  /** An upload within one request, in no danger of outliving it. */
  begin(algorithm: DigestAlgorithm): Promise<Upload>;
  /** An upload over several requests. */
  beginSession(repository: string, algorithm: DigestAlgorithm): Promise<UploadSession>;
  /** The sessions that an earlier process left. */
  sessions(): Promise<readonly UploadSession[]>;
  /** False: `from` does not have it. */
  mount(digest: Digest, from: string, to: string): Promise<boolean>;
  /** False: it was not there. */
  delete(repository: string, digest: Digest): Promise<boolean>;
  /** All repositories that have, or had, a blob. */
  repositories(): Iterable<string>;
  list(repository: string): Promise<readonly Digest[]>;
  /** Like `size`, without being a use. */
  facts(repository: string, digest: Digest): Promise<BlobFacts | undefined>;
}
