// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import { unexpectedAnswer } from './errors.ts';
import { isRetryable, pauseAfter, throwIfAborted, timerPause } from './retry.ts';
import type { Scope } from './scope.ts';
import type { RegistryResponse, Session } from './session.ts';

/**
 * The bytes of a blob, not verified. After a broken connection it goes on from where it broke: by Range, and
 * where the registry sends the whole blob all the same, by leaving out what is there already.
 */
export async function* download(
  session: Session,
  name: string,
  scope: Scope,
  digest: Digest,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { attempts = 4, pause = timerPause } = session.retry;
  let offset = 0;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      const response = await session.send({
        method: 'GET',
        target: `/v2/${name}/blobs/${digest}`,
        headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
        scopes: scope.pull,
        expect: offset === 0 ? [200] : [200, 206],
        notFound: 'BLOB_UNKNOWN',
        signal,
      });
      let skip = offset - startOf(session.host, response, offset);
      for await (const chunk of response.body) {
        if (skip >= chunk.length) {
          skip -= chunk.length;
          continue;
        }
        const fresh = skip === 0 ? chunk : chunk.subarray(skip);
        skip = 0;
        offset += fresh.length;
        yield fresh;
      }
      return;
    } catch (error) {
      // 416: there is nothing after what we have; whether that is all of it, the digest tells.
      if (offset > 0 && hasCode(error, Code.OutOfRange)) return;
      if (signal?.aborted || !isRetryable(error) || attempt >= attempts) throw error;
      await pause(pauseAfter(error, attempt), signal);
    }
  }
}

/** Where in the blob the body of this answer starts. */
function startOf(host: string, { status, headers }: RegistryResponse, asked: number): number {
  if (status !== 206) return 0;
  const range = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '');
  if (Number(range?.[1]) === asked) return asked;
  throw unexpectedAnswer(
    host,
    `asked for bytes from ${asked} on, it sent "${headers.get('content-range') ?? ''}"`,
  );
}
