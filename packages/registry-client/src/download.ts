// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { type Digest, digestAlgorithm, type Hasher } from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import type { BlobPlaces } from './blob-places.ts';
import { createBreaks } from './breaks.ts';
import { parseContentRange } from './content-range.ts';
import { oneLine, unexpectedAnswer } from './errors.ts';
import { discard } from './limits.ts';
import type { ReportBlob } from './progress.ts';
import { isRetryable, throwIfAborted, withRetries } from './retry.ts';
import type { RegistryResponse } from './session.ts';

/** What is wanted of a blob: bytes `start` to before `end`. */
export interface BlobPart {
  readonly digest: Digest;
  /** Of the whole blob. */
  readonly size: number;
  readonly start: number;
  readonly end: number;
  /** Whether all of the blob is no answer where a part is asked for. */
  readonly partOnly: boolean;
}

/**
 * The bytes of a blob, counted, and verified where `hasher` is given. After a broken connection it goes on
 * from where it broke: by Range, and where the registry sends the whole blob all the same, by leaving out
 * what is there already.
 *
 * One loop does it all: every generator between the socket and the user costs a download some of its speed.
 */
export async function* download(
  { session, scope }: RepositoryAccess,
  places: BlobPlaces,
  part: BlobPart,
  hasher: Hasher | undefined,
  report: ReportBlob,
  onAnswer: (response: RegistryResponse) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { digest, size, start, end } = part;
  let at = start;
  let etag: string | undefined;
  const breaks = createBreaks(session.retry, start);
  const whole = start === 0 && end === size;

  const request = (target: string | URL): Promise<RegistryResponse> => {
    const ranged = at > 0 || !whole;
    return session.send({
      method: 'GET',
      target,
      isBlob: true,
      headers: {
        ...(ranged ? { range: `bytes=${at}-${whole ? '' : end - 1}` } : {}),
        // What comes now must be of the bytes that came before; the digest would tell, but at the end.
        ...(ranged && etag !== undefined ? { 'if-range': etag } : {}),
      },
      scopes: scope.pull,
      expect: ranged ? [200, 206] : [200],
      notFound: 'BLOB_UNKNOWN',
      signal,
    });
  };

  report('downloading', 0);
  for (;;) {
    if (start === end && !whole) break;
    let answered = false;
    try {
      const response = await places.ask((target) =>
        withRetries(session.retry, signal, () => request(target)),
      );
      answered = true;
      onAnswer(response);
      if (part.partOnly && !whole && response.status !== 206) {
        await discard(response.body);
        throw new LadingError(Code.Unimplemented, `${session.host} sends no parts of ${digest}`, {
          reason: 'RANGE_UNSUPPORTED',
        });
      }
      etag ??= strongTag(response.headers.get('etag'));
      // A registry without Range sends the whole blob where a part of it was asked for.
      const exact = whole || response.status === 206;
      let skip = at - startOf(session.host, response, part, at);
      for await (const chunk of response.body) {
        if (skip >= chunk.length) {
          skip -= chunk.length;
          response.recycle?.(chunk);
          continue;
        }
        let fresh = skip === 0 ? chunk : chunk.subarray(skip);
        skip = 0;
        if (fresh.length > end - at) {
          if (exact) throw loss('SIZE_MISMATCH', `${digest}: more than the expected ${size} bytes arrived`);
          fresh = fresh.subarray(0, end - at);
        }
        at += fresh.length;
        hasher?.update(fresh);
        yield fresh;
        report('downloading', at - start);
        throwIfAborted(signal);
        if (at === end && !exact) break;
      }
      break;
    } catch (error) {
      if (signal?.aborted) throw error;
      // 416 to a continuation: there is nothing after what we have; whether that is all, its length tells.
      if (at > start && hasCode(error, Code.OutOfRange)) break;
      if (!answered || !isRetryable(error)) throw error;
      if (at > start && at === end) break;
      breaks.reached(at);
      await breaks.pause(error, signal);
    }
  }
  if (at < end) throw loss('TRUNCATED', `${digest}: ended after ${at - start} of ${end - start} bytes`);
  const actual = hasher === undefined ? digest : `${digestAlgorithm(digest)}:${hasher.digest('hex')}`;
  if (actual !== digest) throw loss('DIGEST_MISMATCH', `${digest}: the bytes have the digest ${actual}`);
  report('done', at - start);
}

/** Where in the blob the body of this answer starts. */
function startOf(
  host: string,
  { status, headers }: RegistryResponse,
  { digest, size }: BlobPart,
  asked: number,
): number {
  if (status !== 206) return 0;
  const header = headers.get('content-range');
  const range = parseContentRange(header);
  if (range?.start !== asked) {
    throw unexpectedAnswer(host, `asked for bytes from ${asked} on, it sent "${oneLine(header ?? '', 64)}"`);
  }
  if (range.total !== undefined && range.total !== size) {
    throw loss('SIZE_MISMATCH', `${digest}: it has ${range.total} bytes there, its descriptor says ${size}`);
  }
  return range.start;
}

/** A weak tag does not promise the same bytes, and If-Range takes none. */
function strongTag(header: string | null): string | undefined {
  return header !== null && /^"[\x21\x23-\x7e]{1,256}"$/.test(header) ? header : undefined;
}

function loss(reason: string, message: string): LadingError {
  return new LadingError(Code.DataLoss, message, { reason });
}
