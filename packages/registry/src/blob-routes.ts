// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '@lading/image-spec';
import type { OpenBlob } from './blob-store.ts';
import { etagOf, failedCondition } from './conditions.ts';
import { answer, type Exchange, type RegistryState } from './context.ts';
import { checkDigest } from './names.ts';
import { parseRange } from './range.ts';
import { sendBlob } from './send-blob.ts';
import { specError } from './spec-error.ts';

/**
 * GET, HEAD and DELETE of a blob.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
 */
export async function blobRoute(
  state: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { blobs, locks } = state;
  const { request, method } = exchange;
  const digest = checkDigest(reference);
  if (method === 'DELETE') return await deleteBlob(state, exchange, repository, digest);
  if (method === 'HEAD') {
    const size = await locks.shared(repository, () => blobs.size(repository, digest));
    if (size === undefined) throw unknown();
    const failed = failedCondition(request, digest);
    return answer(exchange, failed ?? 200, { ...headersOf(digest), 'content-length': String(size) });
  }
  const blob = await blobs.open(repository, digest);
  if (blob === undefined) throw unknown();
  try {
    await getBlob(exchange, digest, blob);
  } finally {
    await blob.close();
  }
}

async function getBlob(exchange: Exchange, digest: Digest, blob: OpenBlob): Promise<void> {
  const { request, response } = exchange;
  const headers = headersOf(digest);
  const failed = failedCondition(request, digest);
  if (failed !== undefined) return answer(exchange, failed, headers);
  const { size } = blob;
  const condition = request.headers['if-range'];
  const unchanged = condition === undefined || condition === headers.etag;
  const range = parseRange(unchanged ? request.headers.range : undefined, size);
  if (range === 'unsatisfiable') {
    return answer(exchange, 416, { 'accept-ranges': 'bytes', 'content-range': `bytes */${size}` });
  }
  const part = range ?? { start: 0, end: size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'content-length': String(part.end - part.start + 1),
    ...(range === undefined ? {} : { 'content-range': `bytes ${part.start}-${part.end}/${size}` }),
  });
  if (size === 0) response.end();
  else await sendBlob(response, blob, part);
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-blobs */
async function deleteBlob(
  { blobs, records, locks }: RegistryState,
  exchange: Exchange,
  repository: string,
  digest: Digest,
): Promise<void> {
  await locks.exclusive(repository, async () => {
    if (records.get(repository)?.manifests.has(digest)) {
      exchange.response.setHeader('allow', 'GET, HEAD');
      throw specError('UNSUPPORTED', 'these are the bytes of a manifest: delete the manifest');
    }
    if (!(await blobs.delete(repository, digest))) throw unknown();
  });
  answer(exchange, 202);
}

function headersOf(digest: Digest) {
  return {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    // Bytes under a digest never change.
    'cache-control': 'max-age=31536000, immutable',
    etag: etagOf(digest),
  };
}

function unknown() {
  return specError('BLOB_UNKNOWN', 'the repository does not have this blob');
}
