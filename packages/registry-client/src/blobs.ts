// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { type Descriptor, type Digest, digestAlgorithm, parseDigest } from '@lading/image-spec';
import type { RepositoryAccess } from './access.ts';
import { placesOf } from './blob-places.ts';
import type { BlobSource } from './blob-source.ts';
import { deleteContent } from './delete-content.ts';
import { download } from './download.ts';
import { oneLine, unexpectedAnswer } from './errors.ts';
import { headBlob } from './head-blob.ts';
import type { CallOptions } from './manifests.ts';
import type { OnBlobProgress, ReportBlob } from './progress.ts';
import type { ResponseHeaders } from './response-headers.ts';
import { withRetries } from './retry.ts';
import type { RegistryResponse } from './session.ts';
import type { StreamedBlob } from './streamed-blob.ts';
import { type UploadTarget, uploadBlob } from './upload.ts';
import { beginUpload, cancelUpload } from './upload-requests.ts';
import { uploadStream } from './upload-stream.ts';

/** What identifies a blob: a descriptor, or the part of it that a transfer needs. */
export interface BlobDescriptor extends UploadTarget {
  readonly mediaType?: string;
  /** Where else the blob is, as for layers that a registry may not distribute: it is asked for there first. */
  readonly urls?: readonly string[];
}

/** Options of {@link Blobs.open}. */
export interface OpenBlobOptions extends CallOptions {
  readonly onProgress?: OnBlobProgress | undefined;
  /** The first byte wanted. Default: 0. */
  readonly offset?: number | undefined;
  /** How many bytes are wanted. Default: all from `offset` on. */
  readonly length?: number | undefined;
  /**
   * Whether a part is refused by an error (`RANGE_UNSUPPORTED`) where the registry sends all of the blob instead. Default
   * false: what is not wanted is passed over.
   */
  readonly partOnly?: boolean | undefined;
}

/** Options of {@link Blobs.push}. */
export interface PushBlobOptions extends CallOptions {
  readonly onProgress?: OnBlobProgress | undefined;
  /**
   * A repository of the same registry that has the blob: the registry may take it from there. True: from any
   * repository, where the registry looks for it by itself.
   */
  readonly mountFrom?: string | true | undefined;
  /**
   * Sends the blob in requests of this size, or of what the registry asks for at least. For registries behind
   * a proxy that limits requests, and for lines that break: an upload goes on from its last chunk. Default:
   * one request.
   */
  readonly chunkSizeBytes?: number | undefined;
}

/** Options of {@link Blobs.pushStream}. */
export interface PushStreamOptions extends CallOptions {
  /** How many bytes have been sent. After a broken connection it may be fewer than before. */
  readonly onBytes?: ((sent: number) => void) | undefined;
}

/** Options of {@link Blobs.mount}. */
export interface MountBlobOptions extends CallOptions {
  /** The repository of the same registry that has the blob. Default: the registry looks for it. */
  readonly from?: string | undefined;
}

/** How a pushed blob came to be in the repository. */
export interface PushedBlob {
  readonly state: 'uploaded' | 'mounted' | 'exists';
}

/** The bytes of a blob. */
export interface BlobStream extends AsyncGenerator<Uint8Array> {
  /**
   * Gives back the memory of a chunk that its reader is done with: later chunks come in it. For copies of large
   * blobs, which then leave nothing to the garbage collector. Chunks that are not given back stay as they are.
   */
  recycle(chunk: Uint8Array): void;
}

/** Blobs of one repository. */
export interface Blobs {
  /** The blob's descriptor, or undefined when the repository does not have it. */
  head(digest: Digest, options?: CallOptions): Promise<Descriptor | undefined>;
  /**
   * The blob's bytes, verified while they flow: the iteration ends normally only when size and digest are
   * right. Nothing is requested before the first `next()`; leaving the loop early closes the connection.
   *
   * With `offset` or `length` that leave out a byte, nothing is verified but the number of bytes: a digest is
   * of the whole blob.
   *
   * @throws NotFound (`BLOB_UNKNOWN`), DataLoss (`DIGEST_MISMATCH`, `SIZE_MISMATCH`, `TRUNCATED`), Unimplemented
   * (`RANGE_UNSUPPORTED`)
   * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
   */
  open(descriptor: BlobDescriptor, options?: OpenBlobOptions): BlobStream;
  /**
   * Puts a blob there unless it is there: mounted if that is asked for and the registry agrees, uploaded
   * otherwise. After a broken connection an upload goes on where the registry says it stands. A failed or
   * canceled upload is canceled at the registry as well.
   *
   * @throws InvalidArgument (`SIZE_MISMATCH` for a source of another size, `DIGEST_INVALID` by the registry), DataLoss
   * (`SIZE_MISMATCH`) for a blob that is there with another size
   * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
   */
  push(descriptor: BlobDescriptor, source: BlobSource, options?: PushBlobOptions): Promise<PushedBlob>;
  /**
   * Uploads bytes while they come into being, such as those of a layer that is compressed: digest and size are known
   * when they end. Nothing is asked before, so whoever guesses the digest asks {@link Blobs.head} first. `source` is
   * called again after a broken connection, and gives the same bytes each time; those that are there are passed over.
   *
   * @throws what the source throws; the upload is canceled then
   */
  pushStream(
    source: () => StreamedBlob,
    options?: PushStreamOptions,
  ): Promise<Pick<Descriptor, 'digest' | 'size'>>;
  /**
   * Asks the registry to take a blob from another repository. False: it does not.
   *
   * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository
   */
  mount(digest: Digest, options?: MountBlobOptions): Promise<boolean>;
  /**
   * Deletes a blob from this repository. Many registries do not allow it and collect blobs by themselves.
   *
   * @throws NotFound (`BLOB_UNKNOWN`), Unimplemented (`UNSUPPORTED`) where it is not allowed
   */
  delete(digest: Digest, options?: CallOptions): Promise<void>;
}

export function createBlobs(access: RepositoryAccess): Blobs {
  const { session, scope } = access;

  function open(
    descriptor: BlobDescriptor,
    { signal, onProgress, offset = 0, length = descriptor.size - offset, partOnly = false }: OpenBlobOptions,
  ): BlobStream {
    const { digest, size } = descriptor;
    parseDigest(digest);
    const end = offset + length;
    if (![size, offset, length].every((n) => Number.isSafeInteger(n) && n >= 0) || end > size) {
      throw new LadingError(
        Code.InvalidArgument,
        `${length} bytes from ${offset} on are not within the ${size} bytes of ${digest}`,
      );
    }
    const hasher = length === size ? session.createHasher(computable(digest)) : undefined;
    const part = { digest, size, start: offset, end, partOnly };
    const places = placesOf(access, descriptor);
    let giveBack: RegistryResponse['recycle'];
    const stream = download(
      access,
      places,
      part,
      hasher,
      reporter(digest, length, onProgress),
      ({ recycle }) => {
        giveBack = recycle;
      },
      signal,
    );
    return Object.assign(stream, { recycle: (chunk: Uint8Array) => giveBack?.(chunk) });
  }

  return {
    async head(digest, { signal } = {}) {
      const headers = await headBlob(access, digest, scope.pull, signal);
      if (headers === undefined) return undefined;
      const size = Number(headers.get('content-length') ?? Number.NaN);
      if (!Number.isSafeInteger(size)) throw unexpectedAnswer(session.host, `no size was sent for ${digest}`);
      return { mediaType: headers.get('content-type') ?? 'application/octet-stream', digest, size };
    },
    open: (descriptor, options = {}) => open(descriptor, options),
    async push({ digest, size }, source, { signal, onProgress, mountFrom, chunkSizeBytes } = {}) {
      if (chunkSizeBytes !== undefined && !(Number.isSafeInteger(chunkSizeBytes) && chunkSizeBytes > 0)) {
        throw new LadingError(Code.InvalidArgument, `chunks of ${chunkSizeBytes} bytes: give at least 1`);
      }
      const report = reporter(digest, size, onProgress);
      // With the rights to push from the start: the token that this fetches is the one the upload needs.
      const there = await headBlob(access, digest, scope.push, signal);
      if (there !== undefined) {
        checkSize(digest, size, there);
        report('exists', size);
        return { state: 'exists' };
      }
      const onBytes = (sent: number) => report('uploading', sent);
      onBytes(0);
      const options = { signal, mountFrom, chunkSizeBytes, onBytes };
      const state = await uploadBlob(access, { digest, size }, source, options);
      if (state === 'mounted') {
        checkSize(digest, size, await headBlob(access, digest, scope.push, signal));
      }
      report(state === 'mounted' ? 'mounted' : 'done', size);
      return { state };
    },
    pushStream: (source, { signal, onBytes = () => undefined } = {}) =>
      uploadStream(access, source, onBytes, signal),
    async mount(digest, { from, signal } = {}) {
      parseDigest(digest);
      const begun = await withRetries(session.retry, signal, () =>
        beginUpload(access, { digest, mountFrom: from ?? true }, signal),
      );
      // Not mounted, an upload was begun instead, and nobody will send to it.
      if (begun !== undefined) await cancelUpload(access, begun);
      return begun === undefined;
    },
    async delete(digest, { signal } = {}) {
      await deleteContent(access, `blobs/${parseDigest(digest)}`, 'BLOB_UNKNOWN', signal);
    },
  };
}

/** Nobody reads a blob that is there: a wrong size in its descriptor would go from manifest to manifest. */
function checkSize(digest: Digest, size: number, headers: ResponseHeaders | undefined): void {
  const said = headers?.get('content-length') ?? undefined;
  if (said === undefined || Number(said) === size) return;
  throw new LadingError(
    Code.DataLoss,
    `${digest} has ${oneLine(said, 20)} bytes in the registry, its descriptor says ${size}`,
    { reason: 'SIZE_MISMATCH' },
  );
}

function computable(digest: Digest): 'sha256' | 'sha512' {
  const algorithm = digestAlgorithm(digest);
  if (algorithm === 'sha256' || algorithm === 'sha512') return algorithm;
  throw new LadingError(Code.Unimplemented, `digests of the kind ${algorithm} cannot be verified`, {
    reason: 'UNSUPPORTED',
  });
}

function reporter(digest: Digest, total: number, onProgress: OnBlobProgress | undefined): ReportBlob {
  return (state, current) => onProgress?.({ kind: 'blob', digest, state, current, total });
}
