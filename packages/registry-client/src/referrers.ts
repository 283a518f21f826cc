// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  isIndexType,
  MediaType,
  parseDigest,
  parseIndex,
} from '@lading/image-spec';
import { type RepositoryAccess, readPath } from './access.ts';
import { isRecord, unexpectedAnswer } from './errors.ts';
import type { CallOptions } from './manifests.ts';
import { essence } from './media-type.ts';
import { readPages } from './pages.ts';
import { getReferrersIndex } from './referrers-index.ts';
import type { Session } from './session.ts';

/** Options of {@link Repository.referrers}. */
export interface ReferrersOptions extends CallOptions {
  /** Only referrers of this type: `application/spdx+json`. Default: all. */
  readonly artifactType?: string | undefined;
}

/** How a repository's referrers are found, once it has shown. */
const support = new WeakMap<Session, 'api' | 'tag'>();
const unsupported = 'REFERRERS_UNSUPPORTED';

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers */
export async function* listReferrers(
  access: RepositoryAccess,
  subject: Digest,
  { artifactType, signal }: ReferrersOptions = {},
): AsyncGenerator<Descriptor> {
  if (knownSupport(access) !== 'tag') {
    const pages = askApi(access, parseDigest(subject), artifactType, signal);
    const first = await firstPage(access, pages);
    if (first !== undefined) {
      yield* first;
      for await (const page of pages) yield* page;
      return;
    }
  }
  for (const referrer of await fromTag(access, subject, signal)) {
    if (artifactType === undefined || referrer.artifactType === artifactType) yield referrer;
  }
}

/** True when the registry keeps the list of referrers itself, so that clients need not. */
export async function hasReferrersApi(
  access: RepositoryAccess,
  subject: Digest,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (knownSupport(access) === undefined) {
    const pages = askApi(access, subject, undefined, signal);
    const first = await firstPage(access, pages);
    await pages.return(undefined);
    return first !== undefined;
  }
  return knownSupport(access) === 'api';
}

/** What the repository has shown so far. */
export function knownSupport({ session }: RepositoryAccess): 'api' | 'tag' | undefined {
  return support.get(session);
}

function askApi(
  access: RepositoryAccess,
  subject: Digest,
  artifactType: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Descriptor[]> {
  return readPages<Descriptor>(access, {
    target: readPath(access, `referrers/${subject}`, artifactType === undefined ? {} : { artifactType }),
    accept: MediaType.ImageIndex,
    scopes: access.scope.pull,
    what: `the referrers of ${subject}`,
    signal,
    read(bytes, { headers }) {
      const all = readReferrers(access.session.host, headers.get('content-type'), bytes);
      const filters = (headers.get('oci-filters-applied') ?? '').split(',').map((name) => name.trim());
      return artifactType === undefined || filters.includes('artifactType')
        ? all
        : all.filter((referrer) => referrer.artifactType === artifactType);
    },
  });
}

/** Undefined: the registry has no such API. */
async function firstPage(
  access: RepositoryAccess,
  pages: AsyncGenerator<readonly Descriptor[]>,
): Promise<readonly Descriptor[] | undefined> {
  try {
    const first = await pages.next();
    support.set(access.session, 'api');
    return first.done === true ? [] : first.value;
  } catch (error) {
    if (!hasCode(error, Code.NotFound) && !hasCode(error, Code.Unimplemented)) throw error;
    // A repository that is not there yet shows nothing of what the registry can.
    if (error.reason !== 'NAME_UNKNOWN') support.set(access.session, 'tag');
    return undefined;
  }
}

async function fromTag(
  access: RepositoryAccess,
  subject: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[]> {
  try {
    return (await getReferrersIndex(access, subject, signal))?.index.manifests ?? [];
  } catch (error) {
    // "The client should assume there are no referrers", where the tag is something else.
    if (hasCode(error, Code.FailedPrecondition) && error.reason === 'MANIFEST_INVALID') return [];
    throw error;
  }
}

/**
 * The list in an answer of the referrers API. A page or a document of another kind, with status 200, is how
 * some registries and proxies say that they do not know the API.
 *
 * @throws Unimplemented for what is no index at all, Internal (`UNEXPECTED_RESPONSE`) for one with faults
 */
export function readReferrers(
  host: string,
  contentType: string | null,
  bytes: Uint8Array,
): readonly Descriptor[] {
  if (!isIndexType(essence(contentType)) && !looksLikeIndex(bytes)) {
    throw new LadingError(Code.Unimplemented, `${host} does not answer with a list of referrers`, {
      reason: unsupported,
    });
  }
  try {
    return parseIndex(bytes).manifests;
  } catch (error) {
    throw unexpectedAnswer(host, 'its list of referrers is not an image index', error);
  }
}

function looksLikeIndex(bytes: Uint8Array): boolean {
  try {
    const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(document) && Array.isArray(document.manifests);
  } catch {
    return false;
  }
}
