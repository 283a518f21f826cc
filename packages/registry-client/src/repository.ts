// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Descriptor, Digest } from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import { type Blobs, createBlobs } from './blobs.ts';
import { oneLine } from './errors.ts';
import { type CallOptions, createManifests, type Manifests } from './manifests.ts';
import type { ListOptions } from './name-list.ts';
import { ping } from './ping.ts';
import { listReferrers, type ReferrersOptions } from './referrers.ts';
import { repositoryName } from './repository-name.ts';
import { scopesOf } from './scope.ts';
import type { Session } from './session.ts';
import { createSignatures, type RegistrySignatures } from './signatures.ts';
import { listTags } from './tags.ts';

/** One repository of a registry. */
export interface Repository {
  /** `host[:port]` as the reference names it. */
  readonly host: string;
  /** The path on the registry: `library/alpine`. */
  readonly name: string;
  readonly manifests: Manifests;
  readonly blobs: Blobs;
  readonly signatures: RegistrySignatures;
  /** Asks whether the registry is there and takes the credentials. */
  ping(options?: CallOptions): Promise<void>;
  /** The descriptor that a tag or digest stands for. */
  resolve(tagOrDigest: string, options?: CallOptions): Promise<Descriptor>;
  /** All tags, page by page as they are asked for. @throws NotFound (`NAME_UNKNOWN`) */
  tags(options?: ListOptions): AsyncGenerator<string>;
  /**
   * What says something about a manifest: signatures, SBOMs, attestations. By the registry's own list, or by
   * the one that clients keep under a tag where the registry has none. A manifest without any has an empty
   * list, also when it is not there.
   *
   * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
   */
  referrers(digest: Digest, options?: ReferrersOptions): AsyncGenerator<Descriptor>;
}

/** How a repository is looked at. */
export interface RepositoryOptions {
  /**
   * The host behind the registry, for a registry that is a proxy or a cache of others: everything that is
   * read is asked for with `ns=` and this host. Credentials stay those of the proxy.
   */
  readonly ns?: string | undefined;
}

export function createRepository(session: Session, name: string, { ns }: RepositoryOptions = {}): Repository {
  // The name becomes part of a path, where `..` would lead to another repository's.
  if (!repositoryName.test(name)) throw invalid(`"${oneLine(name, 150)}" is not the name of a repository`);
  if (ns !== undefined && !/^[\w.:[\]-]{1,255}$/.test(ns)) {
    throw invalid(`ns is the host of a registry, which "${oneLine(ns, 150)}" is not`);
  }
  const access: RepositoryAccess = { session, name, scope: scopesOf(name), ns };
  const manifests = createManifests(access);
  return {
    host: session.host,
    name,
    manifests,
    blobs: createBlobs(access),
    signatures: createSignatures(access),
    ping: (options) => ping(session, options),
    resolve: (tagOrDigest, options) => manifests.resolve(tagOrDigest, options),
    tags: (options) => listTags(access, options),
    referrers: (digest, options) => listReferrers(access, digest, options),
  };
}

function invalid(message: string): LadingError {
  return new LadingError(Code.InvalidArgument, message);
}
