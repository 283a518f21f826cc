// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';

/** Bytes `start` to `end` of a blob, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A blob on its way in. It is in no repository before `commit`. */
export interface Upload {
  readonly size: number;
  /** Appends; what arrived before a failure of the source stays. */
  append(source: AsyncIterable<Uint8Array>): Promise<void>;
  /** What has been appended, until `discard`; the range must lie within it. */
  read(range: ByteRange): AsyncIterable<Uint8Array>;
  /** Verifies, then makes the blob visible in the repository. Throws DIGEST_INVALID. */
  commit(repository: string, digest: Digest): Promise<void>;
  /** Throws the bytes away. */
  discard(): Promise<void>;
}

/** Where blobs are kept: a blob belongs to the repositories that it was pushed to or mounted in. */
export interface BlobStore {
  /** Undefined: not in this repository. */
  size(repository: string, digest: Digest): Promise<number | undefined>;
  read(repository: string, digest: Digest, range: ByteRange): AsyncIterable<Uint8Array>;
  begin(): Promise<Upload>;
  /** False: `from` does not have it. */
  mount(digest: Digest, from: string, to: string): Promise<boolean>;
  /** False: it was not there. */
  delete(repository: string, digest: Digest): Promise<boolean>;
}
