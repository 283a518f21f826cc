// SPDX-License-Identifier: Apache-2.0
import type { Reference } from '@lading/image-spec';
import { clientFor } from '../docker/client.ts';
import type { RegistryContext } from '../docker/context.ts';
import { resolveReference } from '../docker/reference.ts';
import { markVerified } from '../verified.ts';
import { removeTag } from './remove-tag.ts';
import type { ImageRepository } from './types.ts';

/**
 * A repository of a registry. It is read where registries.conf leads to, without its mirrors: a list of tags or of
 * referrers is whole only at the registry itself. It is written to the registry that is named.
 */
export function createDockerRepository(
  reference: Reference,
  context: RegistryContext,
  use: 'read' | 'write',
): ImageRepository {
  const resolved = resolveReference(reference, context);
  const endpoint = use === 'read' ? resolved : { reference, insecure: resolved.insecure };
  const { client, close } = clientFor(context, [endpoint], endpoint.reference.host);
  const repository = client.repository(endpoint.reference);
  const { manifests, blobs } = repository;
  const { host, name } = repository;

  return {
    reference: `docker://${reference.host}/${reference.repository}`,
    origin: { host, repository: name },
    resolve: (tagOrDigest, options) => repository.resolve(tagOrDigest, options),
    manifest: (tagOrDigest, options) => manifests.fetch(tagOrDigest, options),
    pushManifest: (bytes, { mediaType, tags, signal }) =>
      manifests.push(bytes, { mediaType, tag: tags, signal }),
    deleteManifest: (digest, options) => manifests.delete(digest, options),
    tags: (options) => repository.tags(options),
    untag: (tag, { signal } = {}) => removeTag(repository, tag, signal),
    referrers: (digest, options) => repository.referrers(digest, options),
    headBlob: (digest, options) => blobs.head(digest, options),
    blob(descriptor, { signal, onProgress } = {}) {
      const bytes = blobs.open(descriptor, {
        signal,
        onProgress: onProgress === undefined ? undefined : ({ current }) => onProgress(current),
      });
      return markVerified(bytes, descriptor.digest);
    },
    async pushBlob(descriptor, source, { signal, onProgress, origin } = {}) {
      const isNeighbour = origin?.host === host && origin.repository !== name;
      const { state } = await blobs.push(descriptor, source, {
        signal,
        mountFrom: isNeighbour ? origin.repository : undefined,
        onProgress: onProgress === undefined ? undefined : ({ current }) => onProgress(current),
      });
      return state === 'uploaded' ? 'stored' : state;
    },
    deleteBlob: (digest, options) => blobs.delete(digest, options),
    [Symbol.asyncDispose]: close,
  };
}
