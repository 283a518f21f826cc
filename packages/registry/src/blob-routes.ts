// SPDX-License-Identifier: Apache-2.0

import { pipeline } from 'node:stream/promises';
import type { ByteRange } from './blob-store.ts';
import { answer, type Exchange, type RegistryState } from './context.ts';
import { checkDigest } from './names.ts';
import { specError } from './spec-error.ts';

/**
 * GET, HEAD and DELETE of a blob.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
 */
export async function blobRoute(
  { blobs }: RegistryState,
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  const { request, response, method } = exchange;
  const digest = checkDigest(reference);
  if (method === 'DELETE') {
    if (!(await blobs.delete(repository, digest))) throw unknown();
    return answer(exchange, 202);
  }
  if (method !== 'GET' && method !== 'HEAD') throw specError('UNSUPPORTED', `blobs know no ${method}`);
  const size = await blobs.size(repository, digest);
  if (size === undefined) throw unknown();
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    // Bytes under a digest never change.
    'cache-control': 'max-age=31536000, immutable',
    etag: `"${digest}"`,
  };
  const range = method === 'GET' ? parseRange(request.headers.range, size) : undefined;
  if (range === 'unsatisfiable') return answer(exchange, 416, { 'content-range': `bytes */${size}` });
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'content-length': String(end - start + 1),
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }),
  });
  if (method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  await pipeline(blobs.read(repository, digest, { start, end }), response);
}

/**
 * One range of bytes; undefined where there is none, or several, or not one that is understood: then the
 * whole blob is the right answer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const start = Math.max(0, size - Number(last));
    return Number(last) === 0 || size === 0 ? 'unsatisfiable' : { start, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}

function unknown() {
  return specError('BLOB_UNKNOWN', 'the repository does not have this blob');
}
