// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { createClient, type RegistryClient, type RegistryClientOptions } from './client.ts';
import { createNodeHasher } from './node-hasher.ts';
import { createUndiciTransport } from './undici-transport.ts';

/**
 * Makes a client. It opens connections as they are needed and keeps them until `close()`.
 *
 * @example
 * ```ts
 * import { startRegistry } from '@lading/registry';
 * import { createRegistryClient } from '@lading/registry-client';
 *
 * await using registry = await startRegistry();
 * await using client = createRegistryClient({ tlsVerify: false }); // this registry speaks plain HTTP
 * await client.ping(registry.host);
 * ```
 *
 * @throws InvalidArgument when `tls` or `unixSocket` come with a transport of the caller's, which has its own
 */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  const { tls, unixSocket, transport } = options;
  if (transport !== undefined && (tls !== undefined || unixSocket !== undefined)) {
    throw new LadingError(
      Code.InvalidArgument,
      'tls and unixSocket are for the transport of the client: give them to your own when you make it',
    );
  }
  return createClient(options, {
    transport: transport ?? createUndiciTransport({ tls, unixSocket }),
    createHasher: createNodeHasher,
  });
}
