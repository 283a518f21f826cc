// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isLoopbackHost } from './address.ts';
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
 * whatever certificate, and plain http when no TLS connection comes about; what worked is remembered. On
 * loopback http comes first: nobody is in between, and most registries there have no TLS.
 */
export function createEndpoints(
  transport: Transport,
  tlsVerify: (host: string) => boolean,
  headers: Readonly<Record<string, string>>,
): Endpoints {
  const known = new Map<string, Promise<Endpoint>>();

  /** The status of `/v2/`, or why there is none. */
  async function ask(url: URL): Promise<number | LadingError> {
    const target = new URL('/v2/', url);
    try {
      const response = await transport.send({ method: 'GET', url: target, headers, tlsVerify: false });
      await discard(response.body);
      return response.status;
    } catch (error) {
      return connectionError('GET', target, error);
    }
  }

  async function probe(address: string): Promise<Endpoint> {
    const secure = { url: new URL(`https://${address}/`), tlsVerify: false };
    const plain = { url: new URL(`http://${address}/`), tlsVerify: false };
    const plainFirst = isLoopbackHost(plain.url.hostname);
    const [first, second] = plainFirst ? [plain, secure] : [secure, plain];
    const answer = await ask(first.url);
    // 400 is what a server with TLS says to a request in the clear.
    if (typeof answer === 'number' && !(plainFirst && answer === 400)) return first;
    const other = await ask(second.url);
    if (typeof other === 'number') return second;
    if (typeof answer === 'number') return first;
    throw new LadingError(other.code, `${other.message} (and before that: ${answer.message})`, {
      ...(other.reason === undefined ? {} : { reason: other.reason }),
      details: { host: address },
      cause: other,
    });
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
