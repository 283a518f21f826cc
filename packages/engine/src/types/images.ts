// SPDX-License-Identifier: Apache-2.0
import type { Digest, ImageConfig, Platform } from '@lading/image-spec';
import type { Credentials, RetryOptions } from '@lading/registry-client';

/** `newer`: ask the registry, and use what is here when it cannot be reached or has the same. */
export type PullPolicy = 'always' | 'missing' | 'never' | 'newer';

/** Progress of a copy, as image-copy reports it. */
export interface PullProgress {
  readonly kind: string;
  readonly id: string;
  readonly state: string;
  readonly current?: number;
  readonly total?: number;
}

export interface PullOptions {
  /** Default `always`. */
  readonly policy?: PullPolicy;
  readonly platform?: Platform;
  /** Instead of those in the authentication files. */
  readonly credentials?: Credentials;
  /** File of credentials instead of the usual ones. */
  readonly authFile?: string;
  readonly tlsVerify?: boolean;
  /** Folder with the certificates for every registry, instead of those of certs.d. */
  readonly certDir?: string;
  /** File of the trust policy instead of that of the machine. */
  readonly policyFile?: string;
  /** Private keys for encrypted layers beside those of the engine, as `readDecryptionKey` of image-copy takes them. */
  readonly decryptionKeys?: readonly string[];
  /** How often a registry is asked again after a failure that may pass. Default: three times, with growing pauses. */
  readonly retry?: Pick<RetryOptions, 'attempts' | 'delayMs'>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: PullProgress) => void;
}

export interface ImageInfo {
  /** 64 hex characters: the digest of the config. */
  readonly id: string;
  /** `host/path:tag`. */
  readonly names: readonly string[];
  /** Of the manifest. */
  readonly digest: Digest | undefined;
  /** `host/path@sha256:…` of each repository it is known under. */
  readonly repoDigests: readonly string[];
  readonly createdAt: string;
  /** Unpacked size of all layers. */
  readonly sizeBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  /** True for a list of images, as `manifest create` makes it: it has a name and an id, and nothing to run. */
  readonly isList: boolean;
}

export interface ImageDetails extends ImageInfo {
  readonly config: ImageConfig;
  readonly manifest: Uint8Array;
  /** Ids of layers, lowest first. */
  readonly layers: readonly string[];
}

export interface RemovedImage {
  readonly id: string;
  readonly untagged: readonly string[];
  /** False when other names keep it. */
  readonly deleted: boolean;
  /** Ids of the images without a name that it was made from and that nothing else is, with `pruneParents`. */
  readonly parents: readonly string[];
}

/**
 * Images. `ref` is a reference, a short name, an id, or a unique prefix of an id. Where it is that of a list, `find` and
 * `inspect` go on to the image for this machine that the list names.
 */
export interface Images {
  pull(reference: string, options?: PullOptions): Promise<ImageInfo>;
  list(): Promise<readonly ImageInfo[]>;
  /** With `keepLists` a list is found itself; without, it is not known when its image is not here. */
  find(ref: string, options?: { readonly keepLists?: boolean }): Promise<ImageInfo | undefined>;
  /** @throws NotFound, also for a list whose image is not here */
  inspect(ref: string): Promise<ImageDetails>;
  /**
   * Takes the name away, and the image with its last name. By id: the image with all its names.
   * @throws FailedPrecondition when a container uses it, or an id has several names; `force` removes
   * the containers, also those of other tools, and all names, `allNames` all names at once or none, and no container
   */
  remove(
    ref: string,
    options?: {
      readonly force?: boolean;
      readonly allNames?: boolean;
      /** Remove the images without a name too that it was made from, and nothing else is. Default: they stay. */
      readonly pruneParents?: boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<RemovedImage>;
  tag(ref: string, name: string): Promise<void>;
  /** Without names: all of them. */
  untag(ref: string, names?: readonly string[]): Promise<void>;
}
