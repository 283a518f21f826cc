// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { Authorize, Refusal } from './authorize.ts';
export type { CollectGarbageOptions, Garbage } from './garbage.ts';
// For authors of servers that a registry is a part of.
export type { Registry, RegistryOptions } from './registry.ts';
export { createRegistry } from './registry.ts';
export type { RegistryServer, StartRegistryOptions } from './start-registry.ts';
export { startRegistry } from './start-registry.ts';
