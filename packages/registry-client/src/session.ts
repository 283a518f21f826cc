// SPDX-License-Identifier: Apache-2.0
import { nextHop } from './address.ts';
import { type Authenticator, createAuthenticator } from './authentication.ts';
import type { CredentialProvider } from './credentials.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import { canceled, connectionError, responseError, unexpectedAnswer } from './errors.ts';
import { discard } from './limits.ts';
import type { RetryOptions } from './retry.ts';
import { throwIfAborted } from './retry.ts';
import type { Transport, TransportResponse } from './transport.ts';

/** A request to a registry as the API modules make it. */
interface RegistryRequest {
  readonly method: string;
  /** A path on the registry, or where the registry itself sent us (see {@link nextHop}). */
  readonly target: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A factory for what is streamed: the request is sent anew after a challenge. */
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Bytes of a streamed body. */
  readonly sizeBytes?: number;
  /** Rights that a bearer token must have: `repository:NAME:pull,push`. */
  readonly scopes: readonly string[];
  /** Statuses that are no error. */
  readonly expect: readonly number[];
  /** The spec's code for a 404 without a body. */
  readonly notFound?: string;
  readonly signal?: AbortSignal | undefined;
}

/** An answer with an expected status, and the URL that gave it. */
export interface RegistryResponse extends TransportResponse {
  readonly url: URL;
}

/** Sends requests to one registry: endpoint, credentials, redirects, errors. Retries are the callers'. */
export interface Session {
  readonly host: string;
  readonly retry: RetryOptions;
  /** See {@link Transport.buffersBodies}. */
  readonly buffersBodies: boolean;
  send(request: RegistryRequest): Promise<RegistryResponse>;
}

/** What all sessions of a client share. */
export interface SessionContext {
  readonly transport: Transport;
  readonly endpoints: Endpoints;
  readonly tlsVerify: (host: string) => boolean;
  readonly credentials: CredentialProvider;
  readonly headers: Readonly<Record<string, string>>;
  readonly noteWarnings: (host: string, headers: Headers) => void;
  readonly retry: RetryOptions;
  readonly now: () => number;
}

const maxRedirects = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function createSession(context: SessionContext, host: string, repository?: string): Session {
  const { transport, endpoints, noteWarnings, retry } = context;
  let authenticator: Authenticator | undefined;

  /** Sends once, maps failures, and has the body fail with LadingErrors too. */
  async function exchange(
    url: URL,
    tlsVerify: boolean,
    request: RegistryRequest,
    authorization?: string,
  ): Promise<TransportResponse> {
    const { method, headers = {}, body, sizeBytes, signal } = request;
    const size = body instanceof Uint8Array ? body.length : (sizeBytes ?? 0);
    const watched = typeof body === 'function' ? watch(body()) : undefined;
    try {
      const response = await transport.send({
        method,
        url,
        headers: {
          ...context.headers,
          ...headers,
          // A POST without a body must say so, or some proxies answer 411.
          ...(method === 'GET' || method === 'HEAD' || method === 'DELETE'
            ? {}
            : { 'content-length': String(size) }),
          ...(authorization === undefined ? {} : { authorization }),
        },
        ...(body === undefined ? {} : { body: watched?.stream ?? (body as Uint8Array) }),
        tlsVerify,
        ...(signal === undefined ? {} : { signal }),
      });
      return { ...response, body: mapBody(response.body, method, url, signal) };
    } catch (error) {
      if (signal?.aborted) throw canceled(`${method} to ${url.host} was canceled`, signal);
      const failure = watched?.failure();
      throw failure === undefined ? connectionError(method, url, error, signal) : failure.error;
    }
  }

  async function authorized(
    url: URL,
    endpoint: Endpoint,
    request: RegistryRequest,
  ): Promise<TransportResponse> {
    const { method, scopes, signal, notFound } = request;
    authenticator ??= createAuthenticator(
      { ...context, host, ...(repository === undefined ? {} : { repository }) },
      endpoint.url,
    );
    const first = await authenticator.authorize(scopes, signal);
    const response = await exchange(url, endpoint.tlsVerify, request, first);
    noteWarnings(host, response.headers);
    if (response.status !== 401) return response;
    // Read before anything else: whatever comes of the challenge, the connection is free again.
    const refusal = await responseError(method, url, response, notFound);
    const second = await authenticator.answer(
      response.headers.get('www-authenticate'),
      scopes,
      first,
      signal,
    );
    if (second === undefined) throw refusal;
    return await exchange(url, endpoint.tlsVerify, request, second);
  }

  return {
    host,
    retry,
    buffersBodies: transport.buffersBodies === true,
    async send(request: RegistryRequest): Promise<RegistryResponse> {
      const { method, target, expect, signal, notFound } = request;
      throwIfAborted(signal);
      const endpoint = await endpoints.find(host, signal);
      let url = target instanceof URL ? target : new URL(target, endpoint.url);
      for (let hops = 0; ; hops++) {
        // Credentials are for this scheme, host and port. A storage service behind a redirect has a signed
        // URL of its own, and some refuse a request that carries an Authorization header as well.
        const response =
          url.origin === endpoint.url.origin
            ? await authorized(url, endpoint, request)
            : await exchange(url, context.tlsVerify(url.host), request);
        const location = response.headers.get('location');
        const mayFollow = (method === 'GET' || method === 'HEAD') && location !== null;
        if (mayFollow && redirects.has(response.status) && !expect.includes(response.status)) {
          await discard(response.body);
          if (hops >= maxRedirects) throw unexpectedAnswer(host, `more than ${maxRedirects} redirects`);
          url = nextHop(url, location, 'redirect');
          continue;
        }
        if (!expect.includes(response.status)) throw await responseError(method, url, response, notFound);
        return { ...response, url };
      }
    },
  };
}

async function* mapBody(
  body: AsyncIterable<Uint8Array>,
  method: string,
  url: URL,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw connectionError(method, url, error, signal);
  }
}

/** Remembers what a caller's own stream failed with, to tell that from a failure of the connection. */
function watch(source: AsyncIterable<Uint8Array>): {
  stream: AsyncIterable<Uint8Array>;
  failure: () => { error: unknown } | undefined;
} {
  let failure: { error: unknown } | undefined;
  async function* stream(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return { stream: stream(), failure: () => failure };
}
