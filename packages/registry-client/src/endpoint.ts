// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { connectionError } from './errors.ts';
import { discard } from './limits.ts';
import { waitFor } from './shared.ts';
import type { Transport } from './transport.ts';

/** How a registry is reached. */
export interface Endpoint {
  /** Scheme, host and port; its path is `/`. */
  readonly url: URL;
  readonly tlsVerify: boolean;
}

/** Finds and remembers the endpoint of each host. */
export interface Endpoints {
  find(host: string, signal?: AbortSignal): Promise<Endpoint>;
}

/** The registry behind the name docker.io has another name. */
const dockerHub: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io']);

/** The `host[:port]` that a registry is reached at. */
export function addressOf(host: string): string {
  return dockerHub.has(host) ? 'registry-1.docker.io' : host;
}

/**
 * A host with TLS verification is https and nothing else. Without verification https is tried first, with
 * whatever certificate, and plain http when no TLS connection comes about; what worked is remembered.
 */
export function createEndpoints(
  transport: Transport,
  tlsVerify: (host: string) => boolean,
  headers: Readonly<Record<string, string>>,
): Endpoints {
  const known = new Map<string, Promise<Endpoint>>();

  async function probe(address: string): Promise<Endpoint> {
    const secure = new URL(`https://${address}/`);
    try {
      const response = await transport.send({
        method: 'GET',
        url: new URL('/v2/', secure),
        headers,
        tlsVerify: false,
      });
      await discard(response.body);
      return { url: secure, tlsVerify: false };
    } catch (error) {
      const failure = connectionError('GET', new URL('/v2/', secure), error);
      const plain = new URL(`http://${address}/`);
      try {
        const response = await transport.send({
          method: 'GET',
          url: new URL('/v2/', plain),
          headers,
          tlsVerify: false,
        });
        await discard(response.body);
      } catch (plainError) {
        const last = connectionError('GET', new URL('/v2/', plain), plainError);
        throw new LadingError(last.code, `${last.message} (and before that: ${failure.message})`, {
          ...(last.reason === undefined ? {} : { reason: last.reason }),
          details: { host: address },
          cause: plainError,
        });
      }
      return { url: plain, tlsVerify: false };
    }
  }

  return {
    async find(host: string, signal?: AbortSignal): Promise<Endpoint> {
      const address = addressOf(host);
      if (!/^[\w.:[\]-]+$/.test(address) || !URL.canParse(`https://${address}/`)) {
        throw new LadingError(Code.InvalidArgument, `"${host}" is not the host of a registry`);
      }
      if (tlsVerify(host)) return { url: new URL(`https://${address}/`), tlsVerify: true };
      let found = known.get(address);
      if (found === undefined) {
        found = probe(address);
        known.set(address, found);
        // A registry that could not be reached now may be reached later, and then by the other way.
        found.catch(() => known.delete(address));
      }
      return await waitFor(found, signal);
    },
  };
}
