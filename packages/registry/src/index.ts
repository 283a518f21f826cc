// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { Authorize, Refusal } from './authorize.ts';
export type { CollectGarbageOptions, Garbage } from './garbage.ts';
export type { HtpasswdOptions } from './htpasswd.ts';
export { htpasswdAuthorize } from './htpasswd.ts';
export type { RequestRecord } from './observe.ts';
export type { ProxyOptions } from './proxy.ts';
// For authors of servers that a registry is a part of.
export type { Registry, RegistryOptions } from './registry.ts';
export { createRegistry } from './registry.ts';
export type { RouteName } from './route-name.ts';
export type { RegistryServer, ServerTls, StartRegistryOptions } from './start-registry.ts';
export { startRegistry } from './start-registry.ts';
