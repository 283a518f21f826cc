// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import type { Digest } from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import { type BlobSource, createSourceReader } from './blob-source.ts';
import { createBreaks, mostStalls } from './breaks.ts';
import { unexpectedAnswer } from './errors.ts';
import { headBlob } from './head-blob.ts';
import { readAll } from './limits.ts';
import { isRetryable, throwIfAborted, withRetries } from './retry.ts';
import type { Session } from './session.ts';
import {
  askUpload,
  type BeginUpload,
  beginUpload,
  cancelUpload,
  finishUpload,
  type OpenUpload,
  sendChunk,
  type UploadBody,
} from './upload-requests.ts';

/** What is uploaded: the bytes that this digest and size stand for. */
export interface UploadTarget {
  readonly digest: Digest;
  readonly size: number;
}

/** Options of {@link uploadBlob}. */
export interface UploadOptions {
  readonly mountFrom?: string | true | undefined;
  readonly chunkSizeBytes?: number | undefined;
  readonly onBytes: (sent: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Up to this size a blob is sent with the request that begins its upload: one round trip instead of two. */
const smallBlobBytes = 16 * 1024;
/** For transports that hold a whole request in memory. */
const bufferedChunkBytes = 16 * 1024 * 1024;
const longestBufferedChunk = 256 * 1024 * 1024;

/** Repositories that answered a whole blob in a POST with "begin, then": they are not sent another. */
const takesNoWhole = new WeakSet<Session>();

interface UploadState {
  upload: OpenUpload | undefined;
  /** Bytes that any request of this upload carried: the registry cannot have more. */
  sent: number;
  /** All of a small blob. */
  small: Uint8Array | undefined;
}

/** Uploads a blob that is not there: mounted, at once, in one piece or in chunks. */
export async function uploadBlob(
  access: RepositoryAccess,
  target: UploadTarget,
  source: BlobSource,
  options: UploadOptions,
): Promise<'uploaded' | 'mounted'> {
  const { session, scope } = access;
  const { digest, size } = target;
  const { signal, onBytes, mountFrom } = options;
  const reader = createSourceReader(source, target, onBytes);
  const state: UploadState = { upload: undefined, sent: 0, small: undefined };

  function bodyOf(start: number, end: number): UploadBody | Promise<UploadBody> {
    if (state.small !== undefined) return state.small.subarray(start, end);
    if (session.buffersBodies) return readAll(reader.read(start, end), end - start, `a chunk of ${digest}`);
    return { sizeBytes: end - start, open: () => reader.read(start, end) };
  }

  /** Sends the next chunk, or the rest and the end. */
  async function sendNext(at: OpenUpload): Promise<OpenUpload | undefined> {
    const chunkBytes = chunkSize(session, options.chunkSizeBytes, at);
    const inChunks = size > chunkBytes && at.offset < size;
    const end = inChunks ? Math.min(at.offset + chunkBytes, size) : size;
    state.sent = Math.max(state.sent, end);
    const body = await bodyOf(at.offset, end);
    if (inChunks) return await sendChunk(access, at, end, body, signal);
    await finishUpload(access, at, digest, body, signal);
    return undefined;
  }

  /** One request of the upload. A try after a failed one first asks where the upload stands. */
  async function step(begun: OpenUpload): Promise<OpenUpload | undefined> {
    let at = begun;
    const breaks = createBreaks(session.retry, begun.offset);
    for (let failed = false; ; failed = true) {
      throwIfAborted(signal);
      try {
        if (failed) {
          state.upload = at = await resume(access, at, state.sent, signal);
          breaks.reached(at.offset);
        }
        return await sendNext(at);
      } catch (error) {
        // 416: we are at another place than the registry.
        if (hasCode(error, Code.OutOfRange) && breaks.mayResync()) continue;
        await breaks.pause(error, signal);
      }
    }
  }

  async function begin(): Promise<OpenUpload | undefined> {
    const whole = state.small !== undefined && !takesNoWhole.has(session) ? state.small : undefined;
    const post = (how: BeginUpload) =>
      withRetries(session.retry, signal, () => beginUpload(access, how, signal));
    if (whole === undefined) return await post({ digest, mountFrom });
    try {
      const begun = await post({ digest, whole });
      if (begun !== undefined) takesNoWhole.add(session);
      return begun;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      takesNoWhole.add(session);
      return await post({ digest });
    }
  }

  async function once(): Promise<'uploaded' | 'mounted'> {
    let furthest = 0;
    let stalls = 0;
    let next = await begin();
    if (next === undefined) return mountFrom === undefined ? 'uploaded' : 'mounted';
    while (next !== undefined) {
      state.upload = next;
      next = await step(next);
      stalls = next === undefined || next.offset > furthest ? 0 : stalls + 1;
      furthest = Math.max(furthest, next?.offset ?? 0);
      if (stalls > mostStalls) throw unexpectedAnswer(session.host, `it takes no more bytes of ${digest}`);
    }
    state.upload = undefined;
    return 'uploaded';
  }

  try {
    if (size <= smallBlobBytes && mountFrom === undefined) {
      state.small = await readAll(reader.read(0, size), size, `the blob ${digest}`);
    }
    for (let restarts = 0; ; restarts++) {
      try {
        return await once();
      } catch (error) {
        const lost = isLost(error) || (state.upload?.resumed === true && isSpoiled(error));
        if (!lost || restarts >= (session.retry.attempts ?? 4) - 1) throw error;
        if (state.upload !== undefined && !isLost(error)) await cancelUpload(access, state.upload);
        state.upload = undefined;
        state.sent = 0;
        // The registry may have closed the upload, and only its answer was lost.
        if ((await headBlob(access, digest, scope.push, signal)) !== undefined) return 'uploaded';
      }
    }
  } finally {
    reader.close();
    if (state.upload !== undefined) await cancelUpload(access, state.upload);
  }
}

/** Asks where the upload stands. Whatever the answer is if not that: the upload is lost, not the blob. */
export async function resume(
  access: RepositoryAccess,
  upload: OpenUpload,
  sent: number,
  signal: AbortSignal | undefined,
): Promise<OpenUpload> {
  try {
    return await askUpload(access, upload, sent, signal);
  } catch (error) {
    if (signal?.aborted || isRetryable(error) || !hasStatus(error)) throw error;
    throw new LadingError(Code.NotFound, 'the registry does not know the upload any more', {
      reason: 'BLOB_UPLOAD_UNKNOWN',
      cause: error,
    });
  }
}

function chunkSize(session: Session, wanted: number | undefined, upload: OpenUpload): number {
  if (session.buffersBodies) return bufferedChunkSize(session, wanted, upload);
  return wanted === undefined ? Number.POSITIVE_INFINITY : Math.max(wanted, upload.minChunkBytes);
}

/** How much of a blob is sent at once where that is held in memory: a registry may ask for more, within bounds. */
export function bufferedChunkSize(
  { host }: Session,
  wanted: number | undefined,
  { minChunkBytes }: OpenUpload,
): number {
  const bytes = Math.max(wanted ?? bufferedChunkBytes, minChunkBytes);
  if (bytes <= longestBufferedChunk) return bytes;
  throw new LadingError(
    Code.ResourceExhausted,
    `${host} takes chunks of ${bytes} bytes at least, which do not fit in memory here`,
  );
}

export function isLost(error: unknown): boolean {
  return hasCode(error, Code.NotFound) && error.reason === 'BLOB_UPLOAD_UNKNOWN';
}

/**
 * Bytes of a request that broke may reach a registry after it was asked where to go on. Docker's takes them and
 * what follows alike, and finds at the end that it has another blob.
 */
export function isSpoiled(error: unknown): boolean {
  return hasStatus(error) && [400, 404, 409].includes(error.details.status);
}

/** A registry that knows no upload in one POST may say so with any of these statuses. */
function isRefusal(error: unknown): boolean {
  if (!hasStatus(error) || error.reason === 'DIGEST_INVALID') return false;
  const { status } = error.details;
  return status >= 300 && status < 500 && ![401, 403, 404, 429].includes(status);
}

function hasStatus(error: unknown): error is LadingError & { readonly details: { readonly status: number } } {
  return error instanceof LadingError && typeof (error as LadingError).details?.status === 'number';
}
