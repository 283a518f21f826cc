// SPDX-License-Identifier: Apache-2.0
import type { LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import { etagOf, failedCondition } from './conditions.ts';
import { answer, type Exchange, type RegistryState } from './context.ts';
import { checkDigest, checkTag } from './names.ts';
import { putManifest } from './put-manifest.ts';
import { removeManifest, resolve } from './record.ts';
import { conditionFailed, specError } from './spec-error.ts';

/** GET, HEAD, PUT and DELETE of a manifest by tag or digest. */
export async function manifestRoute(
  state: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  switch (exchange.method) {
    case 'PUT':
      return await putManifest(state, exchange, repository, reference);
    case 'DELETE':
      return await deleteManifest(state, exchange, repository, reference);
    default:
      return await getManifest(state, exchange, repository, reference);
  }
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
async function getManifest(
  state: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { request, response, method } = exchange;
  const record = state.records.get(repository);
  const digest = resolve(record, reference);
  const descriptor = digest === undefined ? undefined : record?.manifests.get(digest)?.descriptor;
  if (digest === undefined || descriptor === undefined) throw unknown();
  const failed = failedCondition(request, digest);
  const headers = { 'docker-content-digest': digest, etag: etagOf(digest) };
  if (failed !== undefined) return answer(exchange, failed, headers);
  const bytes =
    method === 'HEAD' ? undefined : (state.manifests.get(digest) ?? (await read(state, repository, digest)));
  response.writeHead(200, {
    'content-type': descriptor.mediaType,
    'content-length': descriptor.size,
    ...headers,
  });
  response.end(bytes);
}

async function read(
  { blobs, manifests }: RegistryState,
  repository: string,
  digest: Digest,
): Promise<Uint8Array> {
  const blob = await blobs.open(repository, digest);
  if (blob === undefined) throw unknown();
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of blob.read({ start: 0, end: blob.size - 1 })) pieces.push(Buffer.from(piece));
    const bytes = Buffer.concat(pieces);
    manifests.set(digest, bytes);
    return bytes;
  } finally {
    await blob.close();
  }
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#content-management */
async function deleteManifest(
  { blobs, records, locks }: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const byDigest = reference.includes(':') ? checkDigest(reference) : undefined;
  if (byDigest === undefined) checkTag(reference);
  if (records.get(repository) === undefined) throw unknown();
  await locks.exclusive(repository, async () => {
    await records.update(repository, (draft) => {
      const digest = resolve(draft, reference);
      if (digest === undefined) throw unknown();
      if (failedCondition(exchange.request, digest) !== undefined) throw conditionFailed();
      if (byDigest === undefined) draft.tags.delete(reference);
      else removeManifest(draft, byDigest);
    });
    if (byDigest !== undefined) await blobs.delete(repository, byDigest);
  });
  answer(exchange, 202);
}

function unknown(): LadingError {
  return specError('MANIFEST_UNKNOWN', 'the repository does not have this manifest');
}
