// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Descriptor, type DigestAlgorithm, digestBytes, isDigest } from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import { deleteContent } from './delete-content.ts';
import {
  checkedReference,
  digestedPart,
  type FetchedManifest,
  getManifest,
  headManifest,
  manifestHeaders,
} from './fetch-manifest.ts';
import { manifestLimitBytes } from './limits.ts';
import { checkOwnMediaType } from './media-type.ts';
import { putManifest } from './push-manifest.ts';
import { parseRateLimit, type RateLimit } from './rate-limit.ts';
import { type Referrer, referrerOf } from './referrer.ts';
import { hasReferrersApi, knownSupport } from './referrers.ts';
import { addReferrer, removeReferrer } from './referrers-index.ts';
import { isRetryable, withRetries } from './retry.ts';

/** Options of every call that only waits. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Manifests.push}. */
export interface PushManifestOptions extends CallOptions {
  readonly mediaType: string;
  /** The tag or tags to point at the manifest. Default: none, it is stored under its digest alone. */
  readonly tag?: string | readonly string[] | undefined;
  /** The algorithm of its digest. Default: sha256. */
  readonly digestAlgorithm?: DigestAlgorithm | undefined;
  /**
   * Only if the tag still has this ETag, or, with `null`, only if there is no such tag. Asked of the registry;
   * many do not look at it. With one tag.
   */
  readonly ifMatch?: string | null | undefined;
}

/** Manifests and indexes of one repository. */
export interface Manifests {
  /** The descriptor of a tag or digest, by HEAD; by a GET where the registry's HEAD does not say enough. */
  resolve(tagOrDigest: string, options?: CallOptions): Promise<Descriptor>;
  /**
   * Fetches at most 4 MiB and verifies them: against the digest asked for, the registry's own
   * Docker-Content-Digest, and a descriptor's size.
   *
   * @throws NotFound (`MANIFEST_UNKNOWN`), DataLoss (`DIGEST_MISMATCH`, `SIZE_MISMATCH`, `MEDIA_TYPE_MISMATCH`)
   * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
   */
  fetch(what: string | Descriptor, options?: CallOptions): Promise<FetchedManifest>;
  /** As `fetch`, or undefined when the registry says that it still has this ETag. */
  fetchIfChanged(
    tagOrDigest: string,
    etag: string,
    options?: CallOptions,
  ): Promise<FetchedManifest | undefined>;
  /**
   * How many more requests the registry takes from here, by the headers of a HEAD, which registries do not count;
   * undefined where it says nothing of it.
   */
  rateLimit(tagOrDigest: string, options?: CallOptions): Promise<RateLimit | undefined>;
  /**
   * Stores the bytes as they are; what they refer to must be there already. Several tags go in one request
   * where the registry can. A manifest with a `subject` is put on the list of the subject's referrers where
   * the registry does not keep that list itself.
   *
   * @throws FailedPrecondition when `ifMatch` does not hold (status 412)
   * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
   */
  push(bytes: Uint8Array, options: PushManifestOptions): Promise<Descriptor>;
  /**
   * Deletes a tag, or a manifest with all its tags. Many registries allow only one of the two, or neither. A
   * manifest with a `subject` is taken off a list of referrers that clients keep.
   *
   * @throws NotFound (`MANIFEST_UNKNOWN`), Unimplemented (`UNSUPPORTED`) where it is not allowed
   */
  delete(tagOrDigest: string, options?: CallOptions): Promise<void>;
}

export function createManifests(access: RepositoryAccess): Manifests {
  const { session } = access;

  async function fetch(what: string | Descriptor, { signal }: CallOptions = {}): Promise<FetchedManifest> {
    const [reference, size] = typeof what === 'string' ? [what, undefined] : [what.digest, what.size];
    return await withRetries(session.retry, signal, async () => {
      const found = await getManifest(access, reference, { size, signal });
      if (found === undefined)
        throw new LadingError(Code.Internal, `${reference} was fetched unconditionally`);
      return found;
    });
  }

  /** What a list of referrers that clients keep has of a manifest which is to be deleted. */
  async function listed(digest: string, signal: AbortSignal | undefined): Promise<Referrer | undefined> {
    if (!isDigest(digest) || knownSupport(access) === 'api') return undefined;
    try {
      const { descriptor, bytes } = await fetch(digest, { signal });
      return referrerOf(descriptor, bytes);
    } catch (error) {
      if (signal?.aborted || isRetryable(error)) throw error;
      // Not there, or not readable for us: the answer to the DELETE itself says all there is to say.
      return undefined;
    }
  }

  return {
    fetch,
    async resolve(tagOrDigest, { signal } = {}) {
      const known = await withRetries(session.retry, signal, async () => {
        try {
          return await headManifest(access, tagOrDigest, signal);
        } catch (error) {
          // Some registries know no HEAD here, and a HEAD's 401 or 403 has no body to say why.
          if (hasCode(error, Code.Unimplemented)) return undefined;
          throw error;
        }
      });
      return known ?? (await fetch(tagOrDigest, { signal })).descriptor;
    },
    async fetchIfChanged(tagOrDigest, etag, { signal } = {}) {
      return await withRetries(session.retry, signal, () =>
        getManifest(access, tagOrDigest, { unlessEtag: checkedEtag(etag), signal }),
      );
    },
    async rateLimit(tagOrDigest, { signal } = {}) {
      const headers = await withRetries(session.retry, signal, () =>
        manifestHeaders(access, tagOrDigest, signal),
      );
      return parseRateLimit(headers);
    },
    async push(bytes, { mediaType, tag, digestAlgorithm = 'sha256', ifMatch, signal }) {
      const tags = tag === undefined ? [] : typeof tag === 'string' ? [tag] : [...new Set(tag)];
      if (bytes.length > manifestLimitBytes) {
        throw invalid(`a manifest of ${bytes.length} bytes: registries take 4 MiB`);
      }
      checkOwnMediaType(bytes, mediaType);
      if (ifMatch !== undefined && (tags.length !== 1 || digestAlgorithm !== 'sha256')) {
        throw invalid('ifMatch is a condition on one tag: give one, with sha256');
      }
      const digest = await digestBytes(digestedPart(mediaType, bytes), digestAlgorithm);
      const descriptor = { mediaType, digest, size: bytes.length };
      const condition: Record<string, string> =
        ifMatch === undefined
          ? {}
          : ifMatch === null
            ? { 'if-none-match': '*' }
            : { 'if-match': checkedEtag(ifMatch) };
      const noted = await putManifest(access, { bytes, mediaType, digest, tags, condition, signal });
      const referrer = referrerOf(descriptor, bytes);
      if (referrer !== undefined && noted !== referrer.subject) await addReferrer(access, referrer, signal);
      return descriptor;
    },
    async delete(tagOrDigest, { signal } = {}) {
      const path = `manifests/${checkedReference(tagOrDigest)}`;
      const referrer = await listed(tagOrDigest, signal);
      await deleteContent(access, path, 'MANIFEST_UNKNOWN', signal);
      if (referrer !== undefined && !(await hasReferrersApi(access, referrer.subject, signal))) {
        await removeReferrer(access, referrer, signal);
      }
    },
  };
}

/** Any tag that a server may have sent; nothing that would end the header. */
function checkedEtag(etag: string): string {
  if (/^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(etag)) return etag;
  throw invalid('an ETag is written in quotes, as the registry sent it');
}

function invalid(message: string): LadingError {
  return new LadingError(Code.InvalidArgument, message);
}
