// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import { nextHop } from './address.ts';
import { unexpectedAnswer } from './errors.ts';
import { discard } from './limits.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';

/** What is uploaded: the bytes that this digest and size stand for. */
export interface UploadTarget {
  readonly digest: Digest;
  readonly size: number;
}

/** A mount that succeeded, or the location of an upload that was begun. */
export type Begun = { readonly mounted: true } | { readonly mounted: false; readonly location: URL };

/**
 * Begins an upload; with `mountFrom` the registry may take the blob from that repository instead.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository
 */
export async function beginUpload(
  session: Session,
  name: string,
  scope: Scope,
  digest: Digest,
  mountFrom: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Begun> {
  const query = mountFrom === undefined ? '' : `?${new URLSearchParams({ mount: digest, from: mountFrom })}`;
  const response = await session.send({
    method: 'POST',
    target: `/v2/${name}/blobs/uploads/${query}`,
    scopes: mountFrom === undefined ? scope.push : [...scope.push, `repository:${mountFrom}:pull`],
    expect: mountFrom === undefined ? [202] : [201, 202],
    notFound: 'NAME_UNKNOWN',
    signal,
  });
  await discard(response.body);
  if (response.status === 201) return { mounted: true };
  const location = response.headers.get('location');
  if (location === null) throw unexpectedAnswer(session.host, 'an upload was begun without a Location');
  return { mounted: false, location: nextHop(response.url, location, 'upload location') };
}

/**
 * Sends the whole blob in one PUT.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
 */
export async function putBlob(
  session: Session,
  scope: Scope,
  location: URL,
  { digest, size }: UploadTarget,
  source: () => AsyncIterable<Uint8Array>,
  onBytes: (sentBytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const target = new URL(location);
  // Put together as text: URLSearchParams would spell the registry's own parameters anew, and some are signed.
  target.search += `${target.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  const response = await session.send({
    method: 'PUT',
    target,
    headers: { 'content-type': 'application/octet-stream' },
    body: () => counted(source(), size, digest, onBytes),
    sizeBytes: size,
    scopes: scope.push,
    expect: [201, 204],
    notFound: 'BLOB_UPLOAD_UNKNOWN',
    signal,
  });
  await discard(response.body);
  const stored = response.headers.get('docker-content-digest');
  if (stored !== null && stored !== digest) {
    throw new LadingError(Code.DataLoss, `${session.host} stored ${stored} instead of ${digest}`, {
      reason: 'DIGEST_MISMATCH',
    });
  }
}

/** Holds a caller's stream to the size it announced; the digest is the registry's to check, and it must. */
async function* counted(
  source: AsyncIterable<Uint8Array>,
  size: number,
  digest: Digest,
  onBytes: (sentBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  const wrongSize = (has: string) =>
    new LadingError(
      Code.InvalidArgument,
      `the source of ${digest} has ${has} than the ${size} bytes announced`,
      {
        reason: 'SIZE_MISMATCH',
      },
    );
  for await (const chunk of source) {
    if (chunk.length === 0) continue;
    sent += chunk.length;
    if (sent > size) throw wrongSize('more');
    yield chunk;
    onBytes(sent);
  }
  if (sent < size) throw wrongSize('less');
}
