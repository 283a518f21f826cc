// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '@lading/image-spec';
import type { CallOptions } from './manifests.ts';

/**
 * Where {@link pullImage} puts images and {@link pushImage} takes them from: content by descriptor, and names
 * for some of it. Manifests are content as blobs are.
 */
export interface ImageStore {
  /** True when all of the content is there. */
  has(descriptor: Descriptor, options?: CallOptions): Promise<boolean>;
  /** The content, from its first byte or from `offset` on. @throws NotFound (`BLOB_UNKNOWN`) */
  read(descriptor: Descriptor, options?: ReadContentOptions): ContentSource;
  /**
   * Takes content, which is there only when all of it has come. `source` is verified: it ends normally only
   * when size and digest are right. May be called for several contents at once, once for each.
   */
  write(descriptor: Descriptor, source: ContentSource, options?: CallOptions): Promise<void>;
  /** What a name or digest stands for. @throws NotFound (`MANIFEST_UNKNOWN`) */
  resolve(nameOrDigest: string, options?: CallOptions): Promise<Descriptor>;
  /** Keeps a manifest as an image: under a name, which it takes from another, or under its digest alone. */
  tag(descriptor: Descriptor, name?: string, options?: CallOptions): Promise<void>;
}

/** Content on its way from one place to another. */
export interface ContentSource extends AsyncIterable<Uint8Array> {
  /**
   * Where it is there: for a reader that is done with a chunk, whose memory is used again then; see
   * `BlobStream`. Never called for a part of a chunk.
   */
  recycle?(chunk: Uint8Array): void;
}

/** Options of {@link ImageStore.read}. */
export interface ReadContentOptions extends CallOptions {
  readonly offset?: number | undefined;
}
