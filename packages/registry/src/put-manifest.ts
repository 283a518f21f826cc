// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { LadingError } from '@lading/errors';
import { type Descriptor, type Digest, digestAlgorithm, parseDigest } from '@lading/image-spec';
import { etagOf, failedCondition } from './conditions.ts';
import { answer, bodyOf, type Exchange, type RegistryState } from './context.ts';
import { digestOf, type ReadManifest, readManifest } from './manifest-entry.ts';
import { checkDigest, checkTag } from './names.ts';
import { addManifest, resolve } from './record.ts';
import { conditionFailed, specError } from './spec-error.ts';

/** What the spec asks registries to take at least; larger documents are refused. */
const manifestLimitBytes = 4 * 1024 * 1024;
/** So many tags one request may set; the spec asks for at least 10. */
const mostTags = 100;

/**
 * PUT of a manifest. With If-Match or If-None-Match it is stored only if the tag is what the client thinks.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
 */
export async function putManifest(
  state: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { blobs, records, locks } = state;
  const { request, response } = exchange;
  const byDigest = reference.includes(':') ? checkDigest(reference) : undefined;
  const tags = byDigest === undefined ? [checkTag(reference)] : tagsOf(exchange);
  const bytes = await readBody(exchange);
  const digest = byDigest === undefined ? sha256(bytes) : digestOf(bytes, byDigest);
  if (byDigest !== undefined && byDigest !== digest) {
    throw specError('DIGEST_INVALID', 'the manifest has another digest');
  }
  const { entry, needs } = read(bytes, request.headers['content-type'], digest);
  const upload = await blobs.begin(digestAlgorithm(digest) === 'sha512' ? 'sha512' : 'sha256');
  try {
    await upload.append(once(bytes));
    await upload.verify(digest);
    await locks.shared(repository, async () => {
      if (state.requireBlobs) await checkNeeds(state, repository, needs);
      await upload.publish(repository, digest);
      await records.update(repository, (draft) => {
        const current = resolve(draft, reference);
        if (failedCondition(request, current) !== undefined) throw conditionFailed();
        addManifest(draft, entry);
        for (const tag of tags) draft.tags.set(tag, digest);
      });
    });
  } finally {
    await upload.discard();
  }
  if (entry.subject !== undefined) response.setHeader('oci-subject', entry.subject);
  if (byDigest !== undefined && tags.length > 0) response.setHeader('oci-tag', tags);
  answer(exchange, 201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    etag: etagOf(digest),
  });
}

function tagsOf({ query }: Exchange): string[] {
  const tags = [...new Set(query.getAll('tag').map(checkTag))];
  if (tags.length <= mostTags) return tags;
  throw specError('UNSUPPORTED', `a request may set ${mostTags} tags at most`, 414);
}

async function checkNeeds(
  { blobs }: RegistryState,
  repository: string,
  needs: readonly Descriptor[],
): Promise<void> {
  for (const { digest } of needs) {
    if ((await blobs.size(repository, checkDigest(digest))) !== undefined) continue;
    throw specError('MANIFEST_BLOB_UNKNOWN', `the repository does not have the blob ${digest}`);
  }
}

async function readBody(exchange: Exchange): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(exchange)) {
    size += chunk.length;
    if (size > manifestLimitBytes) {
      throw specError('MANIFEST_INVALID', 'the manifest is longer than 4 MiB', 413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function read(bytes: Uint8Array, header: string | undefined, digest: Digest): ReadManifest {
  const mediaType = header?.split(';', 1)[0]?.trim();
  try {
    return readManifest(bytes, mediaType === '' ? undefined : mediaType, digest);
  } catch (error) {
    if (error instanceof LadingError) throw specError('MANIFEST_INVALID', (error as LadingError).message);
    throw error;
  }
}

function sha256(bytes: Uint8Array): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
