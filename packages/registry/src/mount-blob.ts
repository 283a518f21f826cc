// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import { type Exchange, parameter, type RegistryState } from './context.ts';
import { mayRead } from './may-read.ts';
import { checkDigest, checkName } from './names.ts';

/**
 * Mounts the blob that a POST asks for: from the repository that it names, or without one from any that has
 * it and that its sender may read. Undefined: nothing was asked for, or there is nothing to mount.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository
 */
export async function mountBlob(
  { blobs, locks, authorize }: RegistryState,
  exchange: Exchange,
  repository: string,
): Promise<Digest | undefined> {
  const mount = parameter(exchange, 'mount');
  const from = parameter(exchange, 'from');
  if (mount === undefined) return undefined;
  const digest = checkDigest(mount);
  const sources = from === undefined ? [...blobs.repositories()] : [checkName(from)];
  if ((await locks.shared(repository, () => blobs.size(repository, digest))) !== undefined) return digest;
  for (const source of sources) {
    if ((await blobs.size(source, digest)) === undefined) continue;
    if (!(await mayRead(authorize, exchange.request, source, digest))) continue;
    if (await locks.shared(repository, () => blobs.mount(digest, source, repository))) return digest;
  }
  return undefined;
}
