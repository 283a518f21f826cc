// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';

/** A layer in the store. */
export interface StoredLayer {
  readonly id: string;
  readonly parent?: string | undefined;
  /** The blob that it came from. */
  readonly compressedDiffDigest?: Digest | undefined;
  readonly diffDigest?: Digest | undefined;
}

/** A layer that is unpacked and in no one's sight. */
export interface StagedLayer {
  readonly applied: { readonly diffId: Digest };
  commit(parent?: string): Promise<StoredLayer>;
  discard(): Promise<void>;
}

/** An image in the store. */
export interface StoredImage {
  readonly id: string;
  readonly names?: readonly string[] | undefined;
  readonly digest?: Digest | undefined;
}

/** The part of `@lading/storage`'s Store that images are copied through. */
export interface ImageStore {
  readonly layers: {
    get(id: string): Promise<StoredLayer | undefined>;
    idFor(parent: string | undefined, diffId: Digest): string;
    stage(
      source: AsyncIterable<Uint8Array>,
      options: {
        readonly expectedDigest: Digest;
        readonly expectedDiffId: Digest;
        readonly signal?: AbortSignal;
      },
    ): Promise<StagedLayer>;
    delete(id: string): Promise<void>;
  };
  readonly images: {
    find(idOrName: string): Promise<StoredImage | undefined>;
    create(image: {
      readonly id: string;
      readonly names: readonly string[];
      readonly topLayer?: string;
      readonly digest: Digest;
      readonly manifests: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
      readonly config: { readonly digest: Digest; readonly bytes: Uint8Array };
      readonly created?: string;
    }): Promise<StoredImage>;
    addName(id: string, name: string): Promise<unknown>;
    readManifest(id: string): Promise<Uint8Array | undefined>;
    bigData(id: string, key: string): Promise<Uint8Array | undefined>;
  };
}
