// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Descriptor } from '@lading/image-spec';
import { type Blobs, createBlobs } from './blobs.ts';
import { type CallOptions, createManifests, type Manifests } from './manifests.ts';
import { ping } from './ping.ts';
import { scopesOf } from './scope.ts';
import type { Session } from './session.ts';
import { listTags } from './tags.ts';

/** One repository of a registry. */
export interface Repository {
  /** `host[:port]` as the reference names it. */
  readonly host: string;
  /** The path on the registry: `library/alpine`. */
  readonly name: string;
  readonly manifests: Manifests;
  readonly blobs: Blobs;
  /** Asks whether the registry is there and takes the credentials. */
  ping(options?: CallOptions): Promise<void>;
  /** The descriptor that a tag or digest stands for. */
  resolve(tagOrDigest: string, options?: CallOptions): Promise<Descriptor>;
  tags(options?: CallOptions): AsyncGenerator<string>;
}

const component = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';
const namePattern = new RegExp(`^${component}(?:/${component})*$`);

export function createRepository(session: Session, name: string): Repository {
  // The name becomes part of a path, where `..` would lead to another repository's.
  if (!namePattern.test(name))
    throw new LadingError(Code.InvalidArgument, `"${name}" is not the name of a repository`);
  const scope = scopesOf(name);
  const manifests = createManifests(session, name, scope);
  return {
    host: session.host,
    name,
    manifests,
    blobs: createBlobs(session, name, scope),
    ping: (options) => ping(session, options),
    resolve: (tagOrDigest, options) => manifests.resolve(tagOrDigest, options),
    tags: (options) => listTags(session, name, scope, options),
  };
}
