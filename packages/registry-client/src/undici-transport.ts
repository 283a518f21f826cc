// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream';
import { Agent, type buildConnector, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { isLoopbackHost } from './address.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/** What a host needs for TLS beyond the system's trust: PEM texts, as certs.d holds them. */
export interface TlsMaterial {
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
}

/** Options of {@link createUndiciTransport}. */
export interface UndiciTransportOptions {
  /** TLS material by `host[:port]`. Default: none, the system's trust alone. */
  readonly tls?: (host: string) => TlsMaterial | undefined;
  /** Time for a connection to be made, TLS included. Default: 15,000. */
  readonly connectTimeoutMs?: number;
  /** Longest silence in an answer's body. Default: 60,000. */
  readonly bodyTimeoutMs?: number;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Answers are handed on in pieces up to this size: fewer turns of the event loop a megabyte. */
const readAheadBytes = 256 * 1024;

/** The {@link Transport} of Node: keep-alive connections over HTTP/1.1, proxies as the environment names them. */
export function createUndiciTransport(options: UndiciTransportOptions = {}): Transport {
  const { tls, connectTimeoutMs = 15_000, bodyTimeoutMs = 60_000, env = process.env } = options;
  const proxies = proxiesOf(env);
  const agents = new Map<string, Dispatcher>();

  function agentFor(request: TransportRequest): Dispatcher {
    const material = tls?.(request.url.host);
    const direct = proxies === undefined || isLoopbackHost(request.url.hostname);
    const key = [request.tlsVerify, direct, material === undefined ? '' : request.url.host].join(' ');
    const known = agents.get(key);
    if (known !== undefined) return known;
    const connect = connectorOptions(material, request.tlsVerify, connectTimeoutMs);
    // HTTP/1.1 alone: a layer a connection is faster than all layers over the one of HTTP/2.
    const shared = { allowH2: false, bodyTimeout: bodyTimeoutMs };
    const agent = direct
      ? new Agent({ ...shared, connect })
      : new EnvHttpProxyAgent({ ...shared, ...proxies, connect, requestTls: connect });
    agents.set(key, agent);
    return agent;
  }

  return {
    async send(request: TransportRequest): Promise<TransportResponse> {
      const { method, url, headers, body, signal } = request;
      const answer = await agentFor(request).request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        body: body === undefined ? null : body instanceof Uint8Array ? body : Readable.from(body),
        signal: signal ?? null,
        highWaterMark: readAheadBytes,
      });
      return { status: answer.statusCode, headers: headersOf(answer.headers), body: answer.body };
    },
    async close(): Promise<void> {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

function connectorOptions(
  material: TlsMaterial | undefined,
  tlsVerify: boolean,
  timeout: number,
): buildConnector.BuildOptions {
  const bytes = (value: string | Uint8Array) => (typeof value === 'string' ? value : Buffer.from(value));
  const { ca, cert, key } = material ?? {};
  const authorities = ca === undefined ? [] : typeof ca === 'string' || ca instanceof Uint8Array ? [ca] : ca;
  return {
    timeout,
    rejectUnauthorized: tlsVerify,
    ...(ca === undefined ? {} : { ca: authorities.map(bytes) }),
    ...(cert === undefined ? {} : { cert: bytes(cert) }),
    ...(key === undefined ? {} : { key: bytes(key) }),
  };
}

interface Proxies {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

function proxiesOf(env: Readonly<Record<string, string | undefined>>): Proxies | undefined {
  // Only the lower-case name for plain HTTP would be right under CGI, where a client can set HTTP_PROXY.
  const httpProxy = env.http_proxy ?? (env.REQUEST_METHOD === undefined ? env.HTTP_PROXY : undefined);
  const httpsProxy = env.https_proxy ?? env.HTTPS_PROXY;
  const noProxy = env.no_proxy ?? env.NO_PROXY;
  if (!httpProxy && !httpsProxy) return undefined;
  return {
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    ...(noProxy ? { noProxy } : {}),
  };
}

function headersOf(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) headers.append(name, one);
    }
  }
  return headers;
}
