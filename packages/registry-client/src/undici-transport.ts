// SPDX-License-Identifier: Apache-2.0
import type { Transport } from './transport.ts';
import type { UndiciTransportOptions } from './undici-options.ts';

/**
 * The {@link Transport} of Node: keep-alive connections over HTTP/1.1, proxies as the environment names them,
 * and names that lead into the own network refused where a server of the public one named them.
 *
 * @example
 * ```ts
 * import { startRegistry } from '@lading/registry';
 * import { createRegistryClient, createUndiciTransport } from '@lading/registry-client';
 *
 * await using registry = await startRegistry();
 * const transport = createUndiciTransport({ connectTimeoutMs: 2_000, env: {} }); // no proxy, whatever is set
 * await using client = createRegistryClient({ tlsVerify: false, transport });
 * await client.ping(registry.host);
 * ```
 */
export function createUndiciTransport(options: UndiciTransportOptions = {}): Transport {
  let opened: Promise<Transport> | undefined;
  let closed = false;

  /** With the first request comes undici: to load it takes longer than to read an image from a folder. */
  async function open(): Promise<Transport> {
    const { openUndiciRoutes } = await import('./undici-routes.ts');
    const routes = openUndiciRoutes(options);
    if (closed) await routes.close();
    return routes;
  }

  return {
    async send(request) {
      opened ??= open();
      return (await opened).send(request);
    },
    async close() {
      closed = true;
      await (await opened)?.close();
    },
  };
}
