// SPDX-License-Identifier: Apache-2.0
import { answer, type Exchange, type RegistryState } from './context.ts';
import { checkDigest, checkName } from './names.ts';
import { specError } from './spec-error.ts';
import type { UploadSession } from './upload-sessions.ts';

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
  const { method, query, request } = exchange;
  if (method !== 'POST') throw specError('UNSUPPORTED', `uploads know no ${method} here`);
  const mount = query.get('mount');
  const from = query.get('from');
  if (mount !== null && from !== null) {
    const digest = checkDigest(mount);
    if (await state.blobs.mount(digest, checkName(from), repository))
      return created(exchange, repository, digest);
  }
  const whole = query.get('digest');
  if (whole !== null) checkDigest(whole);
  const session = await state.uploads.begin(repository);
  if (whole === null) return answer(exchange, 202, progressOf(session));
  await state.uploads.use(repository, session.id, async ({ upload }) => {
    try {
      await upload.append(request);
      await upload.commit(repository, checkDigest(whole));
    } finally {
      await state.uploads.end(session);
    }
  });
  created(exchange, repository, whole);
}

/** PATCH, PUT, GET and DELETE of an upload that was begun. */
export async function uploadRoute(
  state: RegistryState,
  exchange: Exchange,
  repository: string,
  id: string,
): Promise<void> {
  const { method, query, request } = exchange;
  await state.uploads.use(repository, id, async (session) => {
    switch (method) {
      case 'GET':
        return answer(exchange, 204, progressOf(session));
      case 'DELETE':
        await state.uploads.end(session);
        return answer(exchange, 204);
      case 'PATCH':
        if (!fits(exchange, session)) return;
        await session.upload.append(request);
        return answer(exchange, 202, progressOf(session));
      case 'PUT': {
        const digest = checkDigest(query.get('digest'));
        if (!fits(exchange, session)) return;
        try {
          await session.upload.append(request);
          await session.upload.commit(repository, digest);
        } finally {
          // With a wrong digest nothing can be done with these bytes; a lost connection lost some of them.
          await state.uploads.end(session);
        }
        return created(exchange, repository, digest);
      }
      default:
        throw specError('UNSUPPORTED', `uploads know no ${method}`);
    }
  });
}

/** Chunks come in order: one that does not begin where the last ended is answered with where that is. */
function fits(exchange: Exchange, session: UploadSession): boolean {
  const header = exchange.request.headers['content-range'];
  if (header === undefined) return true;
  const [, start, end] = /^(?:bytes )?(\d+)-(\d+)(?:\/\S+)?$/.exec(header) ?? [];
  if (start === undefined || end === undefined) {
    throw specError('BLOB_UPLOAD_INVALID', 'the Content-Range is not valid');
  }
  const length = exchange.request.headers['content-length'];
  if (length !== undefined && Number(length) !== Number(end) - Number(start) + 1) {
    throw specError('SIZE_INVALID', 'Content-Length and Content-Range say different things');
  }
  if (Number(start) === session.upload.size) return true;
  answer(exchange, 416, progressOf(session));
  return false;
}

function progressOf({ id, repository, upload }: UploadSession): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, upload.size - 1)}`,
    'docker-upload-uuid': id,
  };
}

function created(exchange: Exchange, repository: string, digest: string): void {
  answer(exchange, 201, {
    location: `/v2/${repository}/blobs/${digest}`,
    'docker-content-digest': digest,
  });
}
