// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm, digestBytes, isDigest } from '@lading/image-spec';
import { answer, type Exchange, type RegistryState } from './context.ts';
import { type ReadManifest, readManifest } from './manifest-entry.ts';
import { checkDigest, checkTag } from './names.ts';
import type { RepositoryRecord } from './record.ts';
import { specError } from './spec-error.ts';

/** What the spec asks registries to take at least; larger documents are refused. */
const manifestLimitBytes = 4 * 1024 * 1024;
const empty: RepositoryRecord = { manifests: new Map(), tags: new Map() };

/** GET, HEAD, PUT and DELETE of a manifest by tag or digest. */
export async function manifestRoute(
  state: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      return await getManifest(state, exchange, repository, reference);
    case 'PUT':
      return await putManifest(state, exchange, repository, reference);
    case 'DELETE':
      return await deleteManifest(state, exchange, repository, reference);
    default:
      throw specError('UNSUPPORTED', `manifests know no ${exchange.method}`);
  }
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
async function getManifest(
  { blobs, records }: RegistryState,
  { method, response }: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const record = records.get(repository);
  const digest = isDigest(reference) ? reference : record?.tags.get(reference);
  const entry = digest === undefined ? undefined : record?.manifests.get(digest);
  if (digest === undefined || entry === undefined) throw unknown();
  const { mediaType, size } = entry.descriptor;
  const chunks: Uint8Array[] = [];
  if (method === 'GET') {
    for await (const chunk of blobs.read(repository, digest, { start: 0, end: size - 1 })) chunks.push(chunk);
  }
  response.writeHead(200, {
    'content-type': mediaType,
    'content-length': String(size),
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  });
  response.end(Buffer.concat(chunks));
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests */
async function putManifest(
  state: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { blobs, records } = state;
  const { request, query } = exchange;
  const byDigest = reference.includes(':') ? checkDigest(reference) : undefined;
  const tags = (byDigest === undefined ? [reference] : query.getAll('tag')).map(checkTag);
  const bytes = await readBody(request);
  const algorithm = byDigest !== undefined && digestAlgorithm(byDigest) === 'sha512' ? 'sha512' : 'sha256';
  const digest = await digestBytes(bytes, algorithm);
  if (byDigest !== undefined && byDigest !== digest) {
    throw specError('DIGEST_INVALID', 'the manifest has another digest');
  }
  const { entry, needs } = read(bytes, request.headers['content-type'], digest);
  for (const need of needs) {
    if ((await blobs.size(repository, need.digest)) === undefined) {
      throw specError('MANIFEST_BLOB_UNKNOWN', `the repository does not have the blob ${need.digest}`);
    }
  }
  const upload = await blobs.begin();
  try {
    await upload.append(once(bytes));
    await upload.commit(repository, digest);
  } finally {
    await upload.discard();
  }
  // From here to `set` nothing waits, so that of two requests at once none loses the other's tag.
  const record = records.get(repository) ?? empty;
  await records.set(repository, {
    manifests: new Map(record.manifests).set(digest, entry),
    tags: new Map([...record.tags, ...tags.map((tag) => [tag, digest] as const)]),
  });
  exchange.response.setHeaders(
    new Map<string, string | string[]>([
      ...(entry.subject === undefined ? [] : [['oci-subject', entry.subject] as const]),
      ...(byDigest === undefined || tags.length === 0 ? [] : [['oci-tag', tags] as const]),
    ]),
  );
  answer(exchange, 201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
  });
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests */
async function deleteManifest(
  { blobs, records }: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const record = records.get(repository) ?? empty;
  const manifests = new Map(record.manifests);
  const tags = new Map(record.tags);
  if (isDigest(reference)) {
    if (!manifests.delete(reference)) throw unknown();
    for (const [tag, digest] of record.tags) if (digest === reference) tags.delete(tag);
  } else if (!tags.delete(checkTag(reference))) throw unknown();
  await records.set(repository, { manifests, tags });
  if (isDigest(reference)) await blobs.delete(repository, reference);
  answer(exchange, 202);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early must not destroy the request: the client is to hear why it was refused.
  const body: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    size += chunk.length;
    if (size > manifestLimitBytes)
      throw specError('MANIFEST_INVALID', 'the manifest is longer than 4 MiB', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function read(bytes: Uint8Array, header: string | undefined, digest: Digest): ReadManifest {
  const mediaType = header?.split(';', 1)[0]?.trim();
  if (mediaType === undefined || mediaType === '') {
    throw specError('MANIFEST_INVALID', 'the Content-Type, which is the type of the manifest, is missing');
  }
  try {
    return readManifest(bytes, mediaType, digest);
  } catch (error) {
    if (error instanceof LadingError) throw specError('MANIFEST_INVALID', (error as LadingError).message);
    throw error;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

function unknown(): LadingError {
  return specError('MANIFEST_UNKNOWN', 'the repository does not have this manifest');
}
