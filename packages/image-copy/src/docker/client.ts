// SPDX-License-Identifier: Apache-2.0
import { certificateProvider, type RegistryEndpoint } from '@lading/config';
import { createRegistryClient, type RegistryClient } from '@lading/registry-client';
import type { RegistryContext } from './context.ts';

/** The client for some endpoints, and what lets go of it. `host` is the registry that the reference names. */
export function clientFor(
  context: RegistryContext,
  endpoints: readonly RegistryEndpoint[],
  host: string,
): { client: RegistryClient; close: () => Promise<void> } {
  if (context.client !== undefined) return { client: context.client, close: async () => {} };
  const insecure = new Set(endpoints.filter((e) => e.insecure).map(({ reference }) => reference.host));
  const { credentials, tlsVerify, tls, userAgent, transport, hostLimits, retry, onWarning } = context;
  const client = createRegistryClient({
    credentials:
      typeof credentials === 'object' ? (asked) => (asked === host ? credentials : undefined) : credentials,
    tlsVerify: (asked) => tlsVerify ?? !insecure.has(asked),
    // A transport of the caller's has certificates of its own.
    tls: transport === undefined ? (tls ?? certificateProvider()) : tls,
    userAgent,
    transport,
    hostLimits,
    retry,
    onWarning,
  });
  return { client, close: () => client.close() };
}
