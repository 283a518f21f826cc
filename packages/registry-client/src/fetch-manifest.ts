// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestBytes,
  dockerManifestV1Payload,
  isDigest,
  MediaType,
  parseDockerManifestV1,
} from '@lading/image-spec';
import { type RepositoryAccess, readPath } from './access.ts';
import { oneLine } from './errors.ts';
import { discard, manifestLimitBytes, readAll } from './limits.ts';
import { acceptedManifests, essence, manifestMediaType } from './media-type.ts';
import type { ResponseHeaders } from './response-headers.ts';
import type { RegistryResponse } from './session.ts';

/** A manifest or index as the registry holds it. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  /** The registry's ETag, where it sent one: for `fetchIfChanged` and `ifMatch`. */
  readonly etag?: string | undefined;
}

/** How a manifest is asked for. */
export interface ManifestRequest {
  /** By its descriptor. */
  readonly size?: number | undefined;
  /** Not to be sent when it still has this ETag. */
  readonly unlessEtag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const notFound = 'MANIFEST_UNKNOWN';

/** GET: the manifest, verified; undefined when it has not changed. */
export async function getManifest(
  access: RepositoryAccess,
  reference: string,
  { size, unlessEtag, signal }: ManifestRequest = {},
): Promise<FetchedManifest | undefined> {
  const { session, name, scope } = access;
  const response = await session.send({
    method: 'GET',
    target: readPath(access, `manifests/${checkedReference(reference)}`),
    headers: {
      accept: acceptedManifests,
      ...(unlessEtag === undefined ? {} : { 'if-none-match': unlessEtag }),
    },
    scopes: scope.pull,
    expect: unlessEtag === undefined ? [200] : [200, 304],
    notFound,
    signal,
  });
  if (response.status === 304) {
    await discard(response.body);
    return undefined;
  }
  const what = `the manifest ${name}@${reference}`;
  const bytes = await readAll(response.body, Math.min(size ?? manifestLimitBytes, manifestLimitBytes), what);
  const mediaType = manifestMediaType(session.host, response.headers.get('content-type'), bytes);
  const content = digestedPart(mediaType, bytes);
  const shown = headerDigest(response);
  const asked = isDigest(reference) ? reference : shown;
  const digest = await digestLike(content, asked);
  for (const expected of [asked, shown]) {
    if (expected !== undefined && expected !== (await digestLike(content, expected))) {
      throw mismatch('DIGEST_MISMATCH', `${session.host} sent other bytes for ${what} than ${expected}`);
    }
  }
  if (size !== undefined && bytes.length !== size) {
    throw mismatch('SIZE_MISMATCH', `${what} has ${bytes.length} bytes, its descriptor says ${size}`);
  }
  const etag = response.headers.get('etag');
  return {
    descriptor: { mediaType, digest, size: bytes.length },
    bytes,
    ...(etag === null ? {} : { etag }),
  };
}

/** HEAD: what a registry says beside a manifest. */
export async function manifestHeaders(
  access: RepositoryAccess,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<ResponseHeaders> {
  const { session, scope } = access;
  const response = await session.send({
    method: 'HEAD',
    target: readPath(access, `manifests/${checkedReference(reference)}`),
    headers: { accept: acceptedManifests },
    scopes: scope.pull,
    expect: [200],
    notFound,
    signal,
  });
  await discard(response.body);
  return response.headers;
}

/** HEAD: the descriptor of a manifest; undefined where the registry's answer does not say enough. */
export async function headManifest(
  access: RepositoryAccess,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<Descriptor | undefined> {
  const headers = await manifestHeaders(access, reference, signal);
  const digest = headerDigest({ headers });
  const size = Number(headers.get('content-length') ?? Number.NaN);
  const mediaType = essence(headers.get('content-type'));
  if (digest === undefined || !Number.isSafeInteger(size) || !mediaType.startsWith('application/vnd.')) {
    return undefined;
  }
  if (!isDigest(reference)) return { mediaType, digest, size };
  if (digestAlgorithm(reference) === digestAlgorithm(digest) && reference !== digest) {
    throw mismatch('DIGEST_MISMATCH', `${access.session.host} answers for ${reference} with ${digest}`);
  }
  return { mediaType, digest: reference, size };
}

/** A tag or a digest, which may stand in a path. */
export function checkedReference(reference: string): string {
  if (isDigest(reference) || tagPattern.test(reference)) return reference;
  throw new LadingError(Code.InvalidArgument, `"${oneLine(reference, 150)}" is neither a tag nor a digest`);
}

/** The digest that a registry says an answer's content has. */
export function headerDigest(response: Pick<RegistryResponse, 'headers'>): Digest | undefined {
  const header = response.headers.get('docker-content-digest');
  return isDigest(header) ? header : undefined;
}

/** The bytes that the digest of a manifest is of: those that were signed where it is one of Docker's schema 1. */
export function digestedPart(mediaType: string, bytes: Uint8Array): Uint8Array {
  if (mediaType !== MediaType.DockerManifestV1Signed) return bytes;
  return dockerManifestV1Payload(parseDockerManifestV1(bytes));
}

/** The digest of bytes by the algorithm of another. */
export async function digestLike(bytes: Uint8Array, like: Digest | undefined): Promise<Digest> {
  const algorithm = like === undefined ? 'sha256' : digestAlgorithm(like);
  if (algorithm === 'sha256' || algorithm === 'sha512') return await digestBytes(bytes, algorithm);
  throw new LadingError(Code.Unimplemented, `digests of the kind ${algorithm} are not supported`);
}

export function mismatch(reason: string, message: string): LadingError {
  return new LadingError(Code.DataLoss, message, { reason });
}
