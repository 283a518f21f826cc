// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { createHasher } from '@lading/image-spec';
import { createClient, type RegistryClient, type RegistryClientOptions } from './client.ts';
import { createFetchTransport } from './fetch-transport.ts';
import type { Transport } from './transport.ts';

// What index.ts has, without Node.
// For everyone.
export type { BlobSource, SeekableSource } from './blob-source.ts';
export type {
  BlobDescriptor,
  BlobStream,
  Blobs,
  MountBlobOptions,
  OpenBlobOptions,
  PushBlobOptions,
  PushedBlob,
  PushStreamOptions,
} from './blobs.ts';
// For authors of other transports and registry tools.
export type { Challenge } from './challenge.ts';
export { parseChallenges } from './challenge.ts';
export type { RegistryClient, RegistryClientOptions } from './client.ts';
export type { CredentialProvider, Credentials } from './credentials.ts';
export { redactUrl } from './errors.ts';
export type { FetchedManifest } from './fetch-manifest.ts';
export type { FetchTransportOptions } from './fetch-transport.ts';
export { createFetchTransport } from './fetch-transport.ts';
export type { HostLimitOptions } from './host-limits.ts';
export type { ContentSource, ImageStore, ReadContentOptions } from './image-store.ts';
export type { CallOptions, Manifests, PushManifestOptions } from './manifests.ts';
export { createMemoryStore } from './memory-store.ts';
export type { ListOptions } from './name-list.ts';
export type { BlobProgress, ManifestProgress, OnBlobProgress, OnImageProgress } from './progress.ts';
export type { PulledImage, PullImageOptions } from './pull-image.ts';
export { pullImage } from './pull-image.ts';
export type { PushImageOptions } from './push-image.ts';
export { pushImage } from './push-image.ts';
export type { RateLimit } from './rate-limit.ts';
export type { Referrer } from './referrer.ts';
export { referrerOf, referrersTag } from './referrer.ts';
export type { ReferrersOptions } from './referrers.ts';
export type { Repository, RepositoryOptions } from './repository.ts';
export type { ResponseHeaders } from './response-headers.ts';
export type { RetryOptions } from './retry.ts';
export type { FoundRepository, SearchOptions } from './search.ts';
export type { RegistrySignatures } from './signatures.ts';
export type { StreamedBlob } from './streamed-blob.ts';
export type { TimeLimits } from './time-limits.ts';
export type { Pem, TlsMaterial } from './tls-material.ts';
export type { Transport, TransportRequest, TransportResponse } from './transport.ts';
export type { UndiciTransportOptions } from './undici-options.ts';
export type { RegistryWarning } from './warnings.ts';

/** Makes a client on `fetch`; see the client of Node for the rest. */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  if (options.tls !== undefined || options.unixSocket !== undefined) {
    throw new LadingError(Code.InvalidArgument, "certificates and sockets are the browser's own business");
  }
  return createClient(options, { transport: options.transport ?? createFetchTransport(), createHasher });
}

/** There is no undici in a browser: this is here so that code for both bundles, and throws. */
export function createUndiciTransport(): Transport {
  throw new LadingError(Code.Unimplemented, 'undici needs Node; a browser has createFetchTransport()');
}
