// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import { checkedReference, digestedPart, digestLike, headerDigest, mismatch } from './fetch-manifest.ts';
import { discard } from './limits.ts';
import { withRetries } from './retry.ts';
import type { RegistryResponse } from './session.ts';

/** A manifest to be stored. */
export interface ManifestToPut {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
  /** `if-match` or `if-none-match`, for one tag. */
  readonly condition?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

/** Ten tags are what a registry should take at once; a URL of this many fits what servers take by default. */
const mostTagsAtOnce = 40;

/**
 * Stores a manifest under its digest and its tags, and returns the subject that the registry has taken note
 * of. Several tags go in one request; those that the registry does not confirm get one each.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
 */
export async function putManifest(
  access: RepositoryAccess,
  manifest: ManifestToPut,
): Promise<string | undefined> {
  const { tags, digest } = manifest;
  const [first] = tags;
  // A tag alone is stored under sha256; any other digest must be named.
  const byTag = tags.length === 1 && digest.startsWith('sha256:') ? first : undefined;
  if (byTag !== undefined) return subjectOf(await put(access, manifest, byTag));
  if (first === undefined) return subjectOf(await put(access, manifest, digest));
  let subject: string | undefined;
  for (let at = 0; at < tags.length; at += mostTagsAtOnce) {
    subject = (await putTags(access, manifest, tags.slice(at, at + mostTagsAtOnce))) ?? subject;
  }
  return subject;
}

async function putTags(
  access: RepositoryAccess,
  manifest: ManifestToPut,
  tags: readonly string[],
): Promise<string | undefined> {
  let response: RegistryResponse | undefined;
  try {
    response = await put(access, manifest, manifest.digest, tags);
  } catch (error) {
    if (!isTooLong(error)) throw error;
    if (tags.length > 1) {
      const half = Math.ceil(tags.length / 2);
      const subject = await putTags(access, manifest, tags.slice(0, half));
      return (await putTags(access, manifest, tags.slice(half))) ?? subject;
    }
  }
  const taken = new Set((response?.headers.get('oci-tag') ?? '').split(',').map((tag) => tag.trim()));
  let subject = response === undefined ? undefined : subjectOf(response);
  for (const tag of tags) {
    if (!taken.has(tag)) subject = subjectOf(await put(access, manifest, tag)) ?? subject;
  }
  return subject;
}

async function put(
  { session, name, scope }: RepositoryAccess,
  { bytes, mediaType, digest, condition, signal }: ManifestToPut,
  reference: string,
  tags: readonly string[] = [],
): Promise<RegistryResponse> {
  const query = tags.map((tag) => `tag=${checkedReference(tag)}`).join('&');
  const target = `/v2/${name}/manifests/${checkedReference(reference)}${query === '' ? '' : `?${query}`}`;
  return await withRetries(session.retry, signal, async () => {
    const response = await session.send({
      method: 'PUT',
      target,
      headers: { 'content-type': mediaType, ...condition },
      body: bytes,
      scopes: scope.push,
      expect: [201],
      notFound: 'NAME_UNKNOWN',
      signal,
    });
    await discard(response.body);
    const stored = headerDigest(response);
    if (stored !== undefined && stored !== (await digestLike(digestedPart(mediaType, bytes), stored))) {
      throw mismatch('DIGEST_MISMATCH', `${session.host} stored ${stored} instead of ${digest}`);
    }
    return response;
  });
}

function subjectOf({ headers }: RegistryResponse): string | undefined {
  return headers.get('oci-subject')?.trim();
}

/** URI or header fields too long. */
function isTooLong(error: unknown): boolean {
  const status = error instanceof LadingError ? (error as LadingError).details?.status : undefined;
  return status === 414 || status === 431;
}
