// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode } from '@lading/errors';
import { type Descriptor, type Digest, parseDigest, verifyStream } from '@lading/image-spec';
import { download } from './download.ts';
import { unexpectedAnswer } from './errors.ts';
import { discard } from './limits.ts';
import type { CallOptions } from './manifests.ts';
import type { BlobProgress, OnBlobProgress } from './progress.ts';
import { withRetries } from './retry.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';
import { beginUpload, putBlob, type UploadTarget } from './upload.ts';

/** What identifies a blob: a descriptor, or the part of it that a transfer needs. */
export interface BlobDescriptor extends UploadTarget {
  readonly mediaType?: string;
}

/** Options of {@link Blobs.open}. */
export interface OpenBlobOptions extends CallOptions {
  readonly onProgress?: OnBlobProgress | undefined;
}

/** Options of {@link Blobs.push}. */
export interface PushBlobOptions extends OpenBlobOptions {
  /** A repository of the same registry that has the blob: the registry may take it from there. */
  readonly mountFrom?: string | undefined;
}

/** How a pushed blob came to be in the repository. */
export interface PushedBlob {
  readonly state: 'uploaded' | 'mounted' | 'exists';
}

/** Blobs of one repository. */
export interface Blobs {
  /** The blob's descriptor, or undefined when the repository does not have it. */
  head(digest: Digest, options?: CallOptions): Promise<Descriptor | undefined>;
  /**
   * The blob's bytes, verified while they flow: the iteration ends normally only when size and digest are
   * right. Nothing is requested before the first `next()`; leaving the loop early closes the connection.
   *
   * @throws NotFound (`BLOB_UNKNOWN`), DataLoss (`DIGEST_MISMATCH`, `SIZE_MISMATCH`, `TRUNCATED`)
   */
  open(descriptor: BlobDescriptor, options?: OpenBlobOptions): AsyncGenerator<Uint8Array>;
  /**
   * Puts a blob there unless it is there: mounted if that is asked for and the registry agrees, uploaded
   * otherwise. `source` is called once a try, and must give the same bytes each time.
   */
  push(
    descriptor: BlobDescriptor,
    source: () => AsyncIterable<Uint8Array>,
    options?: PushBlobOptions,
  ): Promise<PushedBlob>;
}

export function createBlobs(session: Session, name: string, scope: Scope): Blobs {
  async function head(digest: Digest, scopes: readonly string[], signal?: AbortSignal) {
    try {
      const response = await session.send({
        method: 'HEAD',
        target: `/v2/${name}/blobs/${parseDigest(digest)}`,
        scopes,
        expect: [200],
        notFound: 'BLOB_UNKNOWN',
        signal,
      });
      await discard(response.body);
      return response.headers;
    } catch (error) {
      if (hasCode(error, Code.NotFound)) return undefined;
      throw error;
    }
  }

  async function* open(
    { digest, size }: BlobDescriptor,
    { signal, onProgress }: OpenBlobOptions,
  ): AsyncGenerator<Uint8Array> {
    parseDigest(digest);
    const report = reporter(digest, size, onProgress);
    const bytes = download(session, name, scope, digest, signal);
    let current = 0;
    report('downloading', 0);
    for await (const chunk of verifyStream(
      bytes,
      { digest, size },
      session.createHasher,
      signal === undefined ? {} : { signal },
    )) {
      current += chunk.length;
      yield chunk;
      report('downloading', current);
    }
    report('done', current);
  }

  return {
    async head(digest, { signal } = {}) {
      const headers = await withRetries(session.retry, signal, () => head(digest, scope.pull, signal));
      if (headers === undefined) return undefined;
      const size = Number(headers.get('content-length') ?? Number.NaN);
      if (!Number.isSafeInteger(size)) throw unexpectedAnswer(session.host, `no size was sent for ${digest}`);
      return { mediaType: headers.get('content-type') ?? 'application/octet-stream', digest, size };
    },
    open: (descriptor, options = {}) => open(descriptor, options),
    async push({ digest, size }, source, { signal, onProgress, mountFrom } = {}) {
      const report = reporter(digest, size, onProgress);
      // With the rights to push from the start: the token that this fetches is the one the upload needs.
      if ((await withRetries(session.retry, signal, () => head(digest, scope.push, signal))) !== undefined) {
        report('exists', size);
        return { state: 'exists' };
      }
      return await withRetries(session.retry, signal, async (): Promise<PushedBlob> => {
        const begun = await beginUpload(session, name, scope, digest, mountFrom, signal);
        if (begun.mounted) {
          report('mounted', size);
          return { state: 'mounted' };
        }
        const onBytes = (sent: number) => report('uploading', sent);
        onBytes(0);
        await putBlob(session, scope, begun.location, { digest, size }, source, onBytes, signal);
        report('done', size);
        return { state: 'uploaded' };
      });
    },
  };
}

function reporter(digest: Digest, total: number, onProgress: OnBlobProgress | undefined) {
  return (state: BlobProgress['state'], current: number): void =>
    onProgress?.({ kind: 'blob', digest, state, current, total });
}
