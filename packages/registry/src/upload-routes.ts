// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestAlgorithm } from '@lading/image-spec';
import type { Upload, UploadSession } from './blob-store.ts';
import { answer, bodyOf, type Exchange, parameter, type RegistryState } from './context.ts';
import { mountBlob } from './mount-blob.ts';
import { checkAlgorithm, checkDigest } from './names.ts';
import { parseChunkRange } from './range.ts';
import { hasReason, specError } from './spec-error.ts';

/**
 * POST: begins an upload, mounts a blob, or takes a whole one.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
 */
export async function beginUploadRoute(
  state: RegistryState,
  exchange: Exchange,
  repository: string,
): Promise<void> {
  const { blobs, uploads, chunkMinLength } = state;
  const mounted = await mountBlob(state, exchange, repository);
  if (mounted !== undefined) return created(exchange, repository, mounted);
  const whole = parameter(exchange, 'digest');
  if (whole === undefined) {
    const algorithm = checkAlgorithm(parameter(exchange, 'digest-algorithm') ?? 'sha256');
    const session = await uploads.begin(repository, algorithm);
    const minimum = chunkMinLength === undefined ? {} : { 'oci-chunk-min-length': String(chunkMinLength) };
    return answer(exchange, 202, { ...progressOf(session), ...minimum });
  }
  const digest = checkDigest(whole);
  const upload = await blobs.begin(checkAlgorithm(digestAlgorithm(digest)));
  try {
    await upload.append(bodyOf(exchange));
    await publish(state, upload, repository, digest);
  } finally {
    await upload.discard();
  }
  created(exchange, repository, digest);
}

/** PATCH, PUT, GET and DELETE of an upload that was begun. */
export async function uploadRoute(
  state: RegistryState,
  exchange: Exchange,
  repository: string,
  id: string,
): Promise<void> {
  const { uploads } = state;
  const { method, request } = exchange;
  if (method === 'GET' || method === 'HEAD') {
    return answer(exchange, 204, progressOf(uploads.find(repository, id)));
  }
  const digest = method === 'PUT' ? checkDigest(parameter(exchange, 'digest')) : undefined;
  await uploads.use(repository, id, request, async (session) => {
    if (method === 'DELETE') {
      await uploads.end(session);
      return answer(exchange, 204);
    }
    if (!(await append(state, exchange, session))) return answer(exchange, 416, progressOf(session));
    if (digest === undefined) return answer(exchange, 202, progressOf(session));
    try {
      await publish(state, session.upload, repository, digest);
    } catch (error) {
      // With a wrong digest nothing can be done with these bytes; after another failure the client may try again.
      if (hasReason(error, 'DIGEST_INVALID')) await uploads.end(session);
      throw error;
    }
    await uploads.end(session);
    created(exchange, repository, digest);
  });
}

/** Takes a chunk. False: it does not begin where the last one ended, and the client is to be told where that is. */
async function append(
  { chunkMinLength = 0 }: RegistryState,
  exchange: Exchange,
  session: UploadSession,
): Promise<boolean> {
  const { headers } = exchange.request;
  const { upload } = session;
  const place = headers['content-range'];
  if (place === undefined) {
    await upload.append(bodyOf(exchange));
    return true;
  }
  const chunk = parseChunkRange(place);
  if (chunk === undefined) throw specError('BLOB_UPLOAD_INVALID', 'the Content-Range is not valid');
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== chunk.bytes) {
    throw specError('SIZE_INVALID', 'Content-Length and Content-Range say different things');
  }
  if (chunk.start !== upload.size) return false;
  if (session.lastChunkShort === true) {
    throw specError('BLOB_UPLOAD_INVALID', `only the last chunk may be shorter than ${chunkMinLength} bytes`);
  }
  await upload.append(bodyOf(exchange), chunk.bytes);
  session.lastChunkShort = chunk.bytes < chunkMinLength;
  return true;
}

/** The verification may take long, and holds nobody up; the one step that makes the blob visible does not. */
async function publish(
  { locks }: RegistryState,
  upload: Upload,
  repository: string,
  digest: Digest,
): Promise<void> {
  await upload.verify(digest);
  await locks.shared(repository, () => upload.publish(repository, digest));
}

function progressOf({ id, repository, upload }: UploadSession): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, upload.size - 1)}`,
    'docker-upload-uuid': id,
  };
}

function created(exchange: Exchange, repository: string, digest: Digest): void {
  answer(exchange, 201, {
    location: `/v2/${repository}/blobs/${digest}`,
    'docker-content-digest': digest,
  });
}
