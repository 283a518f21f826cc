// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { BlobDescriptor, Blobs, OpenBlobOptions, PushBlobOptions, PushedBlob } from './blobs.ts';
// For authors of other transports and registry tools.
export type { Challenge } from './challenge.ts';
export { parseChallenges } from './challenge.ts';
export type { RegistryClient, RegistryClientOptions } from './client.ts';
export type { CredentialProvider, Credentials } from './credentials.ts';
export { redactUrl } from './errors.ts';
export type { FetchTransportOptions } from './fetch-transport.ts';
export { createFetchTransport } from './fetch-transport.ts';
export type { HostLimitOptions } from './host-limits.ts';
export type { CallOptions, FetchedManifest, Manifests, PushManifestOptions } from './manifests.ts';
export { createRegistryClient } from './node-client.ts';
export type { BlobProgress, OnBlobProgress } from './progress.ts';
export type { Repository } from './repository.ts';
export type { RetryOptions } from './retry.ts';
export type { TimeLimits } from './time-limits.ts';
export type { Pem, TlsMaterial } from './tls-material.ts';
export type { Transport, TransportRequest, TransportResponse } from './transport.ts';
export type { UndiciTransportOptions } from './undici-options.ts';
export { createUndiciTransport } from './undici-transport.ts';
export type { RegistryWarning } from './warnings.ts';
