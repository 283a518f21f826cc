// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm } from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import { nextHop } from './address.ts';
import { parseUploadRange } from './content-range.ts';
import { oneLine, unexpectedAnswer } from './errors.ts';
import type { ContentSource } from './image-store.ts';
import { discard } from './limits.ts';
import type { RegistryResponse } from './session.ts';

/** An upload that the registry knows: where to send to, and what is there. */
export interface OpenUpload {
  readonly location: URL;
  /** Bytes that the registry has. */
  readonly offset: number;
  /** The registry takes no shorter chunk but the last. */
  readonly minChunkBytes: number;
  /** A request of this upload broke, and its last bytes may still be on their way to the registry. */
  readonly resumed: boolean;
}

/** The bytes of a request: at hand, or a stream that can be had again, with its length. */
export type UploadBody = Uint8Array | { readonly sizeBytes: number; open(): ContentSource };

const cancelTimeoutMs = 2_000;
const octets = { 'content-type': 'application/octet-stream' };

/** What an upload is begun with. */
export interface BeginUpload {
  /** Undefined where it is not known yet; then there is nothing to mount. */
  readonly digest?: Digest | undefined;
  /** The repository to mount the blob from; true: from any that has it. */
  readonly mountFrom?: string | true | undefined;
  /** The whole blob, for registries that take it at once. */
  readonly whole?: Uint8Array | undefined;
}

/**
 * POST: begins an upload. Undefined: there is nothing left to do, since the blob was mounted or taken whole.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
export async function beginUpload(
  { session, name, scope }: RepositoryAccess,
  { digest, mountFrom, whole }: BeginUpload,
  signal: AbortSignal | undefined,
): Promise<OpenUpload | undefined> {
  const algorithm = digest === undefined ? 'sha256' : digestAlgorithm(digest);
  const from = typeof mountFrom === 'string' ? mountFrom : undefined;
  const query = new URLSearchParams({
    ...(mountFrom === undefined || digest === undefined ? {} : { mount: digest }),
    ...(from === undefined ? {} : { from }),
    ...(whole === undefined || digest === undefined ? {} : { digest }),
    ...(algorithm === 'sha256' || whole !== undefined ? {} : { 'digest-algorithm': algorithm }),
  }).toString();
  const response = await session.send({
    method: 'POST',
    target: `/v2/${name}/blobs/uploads/${query === '' ? '' : `?${query}`}`,
    ...(whole === undefined ? {} : { headers: octets, body: whole }),
    scopes: from === undefined ? scope.push : [...scope.push, `repository:${from}:pull`],
    expect: mountFrom === undefined && whole === undefined ? [202] : [201, 202],
    notFound: 'NAME_UNKNOWN',
    signal,
  });
  await discard(response.body);
  if (response.status === 201) {
    if (digest !== undefined) checkStored(session.host, response, digest);
    return undefined;
  }
  const location = locationOf(response);
  if (location === undefined) throw unexpectedAnswer(session.host, 'an upload was begun without a Location');
  const least = response.headers.get('oci-chunk-min-length') ?? '';
  return { location, offset: 0, minChunkBytes: /^\d{1,15}$/.test(least) ? Number(least) : 0, resumed: false };
}

/**
 * PATCH: sends bytes `upload.offset` to before `end`. The registry says what it took of them, and is
 * believed within what it was sent.
 */
export async function sendChunk(
  { session, scope }: RepositoryAccess,
  upload: OpenUpload,
  end: number,
  body: UploadBody,
  signal: AbortSignal | undefined,
): Promise<OpenUpload> {
  const { offset } = upload;
  const response = await session.send({
    method: 'PATCH',
    target: upload.location,
    headers: { ...octets, 'content-range': `${offset}-${end - 1}` },
    ...bodyOf(body),
    scopes: scope.push,
    // 204 is what some registries before the spec answer.
    expect: [202, 204],
    notFound: 'BLOB_UPLOAD_UNKNOWN',
    signal,
  });
  await discard(response.body);
  const taken = parseUploadRange(response.headers.get('range')) ?? end;
  if (taken < offset || taken > end) {
    throw unexpectedAnswer(
      session.host,
      `it was sent bytes ${offset} to ${end - 1} of a blob, and says that it has ${taken} bytes`,
    );
  }
  return { ...upload, location: locationOf(response) ?? upload.location, offset: taken };
}

/**
 * PATCH: sends all bytes from `upload.offset` on, however many there are; `sent` says how many there were. It does not
 * say where they belong, so only for the first request of an upload.
 */
export async function sendStream(
  { session, scope }: RepositoryAccess,
  upload: OpenUpload,
  open: () => ContentSource,
  sent: () => number,
  signal: AbortSignal | undefined,
): Promise<OpenUpload> {
  const response = await session.send({
    method: 'PATCH',
    target: upload.location,
    headers: octets,
    body: open,
    scopes: scope.push,
    expect: [202, 204],
    notFound: 'BLOB_UPLOAD_UNKNOWN',
    signal,
  });
  await discard(response.body);
  const end = sent();
  const taken = end === 0 ? 0 : (parseUploadRange(response.headers.get('range')) ?? end);
  if (taken > end) {
    throw unexpectedAnswer(session.host, `it has ${taken} bytes of a blob of which ${end} were sent`);
  }
  return { ...upload, location: locationOf(response) ?? upload.location, offset: taken };
}

/** PUT: closes the upload, with the bytes that are still missing. */
export async function finishUpload(
  { session, scope }: RepositoryAccess,
  { location, offset, resumed }: OpenUpload,
  digest: Digest,
  body: UploadBody,
  signal: AbortSignal | undefined,
): Promise<void> {
  const target = new URL(location);
  // Put together as text: URLSearchParams would spell the registry's own parameters anew, and some are signed.
  target.search += `${target.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  const length = body instanceof Uint8Array ? body.length : body.sizeBytes;
  const response = await session.send({
    method: 'PUT',
    target,
    headers: {
      ...octets,
      // Said from the first byte on when bytes of a broken request may have come in meanwhile.
      ...((offset === 0 && !resumed) || length === 0
        ? {}
        : { 'content-range': `${offset}-${offset + length - 1}` }),
    },
    ...bodyOf(body),
    scopes: scope.push,
    expect: [201, 204],
    notFound: 'BLOB_UPLOAD_UNKNOWN',
    signal,
  });
  await discard(response.body);
  checkStored(session.host, response, digest);
}

/** GET: asks where to go on; `longest` is what was sent in all. */
export async function askUpload(
  { session, scope }: RepositoryAccess,
  upload: OpenUpload,
  longest: number,
  signal: AbortSignal | undefined,
): Promise<OpenUpload> {
  const response = await session.send({
    method: 'GET',
    target: upload.location,
    scopes: scope.push,
    expect: [200, 202, 204],
    notFound: 'BLOB_UPLOAD_UNKNOWN',
    signal,
  });
  await discard(response.body);
  const range = parseUploadRange(response.headers.get('range'));
  // `0-0`: Docker's registry says so when it has nothing, which is likelier than one byte.
  const offset = range === 1 ? 0 : (range ?? 0);
  if (offset > longest) {
    throw unexpectedAnswer(session.host, `it has ${offset} bytes of a blob of which ${longest} were sent`);
  }
  return { ...upload, location: locationOf(response) ?? upload.location, offset, resumed: true };
}

/**
 * DELETE: lets the registry throw away what it has, as far as it is there and willing. It is asked also when
 * the caller's own signal was aborted, so it gets little time.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#cancel-a-blob-upload
 */
export async function cancelUpload(
  { session, scope }: RepositoryAccess,
  { location }: OpenUpload,
): Promise<void> {
  try {
    const response = await session.send({
      method: 'DELETE',
      target: location,
      scopes: scope.push,
      expect: [200, 202, 204],
      signal: AbortSignal.timeout(cancelTimeoutMs),
    });
    await discard(response.body);
  } catch {
    // The spec wants failures of this ignored: an upload that nobody continues ends at the registry in time.
  }
}

function bodyOf(body: UploadBody) {
  return body instanceof Uint8Array ? { body } : { body: () => body.open(), sizeBytes: body.sizeBytes };
}

function locationOf({ headers, url, isPrivate }: RegistryResponse): URL | undefined {
  const location = headers.get('location');
  return location === null ? undefined : nextHop(url, location, 'upload location', isPrivate);
}

function checkStored(host: string, { headers }: RegistryResponse, digest: Digest): void {
  const stored = headers.get('docker-content-digest');
  // A registry may name the same bytes by another algorithm.
  if (stored === null || stored === digest || !stored.startsWith(`${digestAlgorithm(digest)}:`)) return;
  throw new LadingError(Code.DataLoss, `${host} stored ${oneLine(stored, 150)} instead of ${digest}`, {
    reason: 'DIGEST_MISMATCH',
  });
}
