// SPDX-License-Identifier: Apache-2.0
import type { HasherFactory } from '@lading/image-spec';
import { mustStayPublic, nextHop } from './address.ts';
import { type Authenticator, createAuthenticator } from './authentication.ts';
import { observeBody, withRecycling } from './body.ts';
import { decodeBody } from './content-encoding.ts';
import type { CredentialProvider } from './credentials.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import { canceled, connectionError, responseError, unexpectedAnswer } from './errors.ts';
import type { ContentSource } from './image-store.ts';
import { discard } from './limits.ts';
import type { ResponseHeaders } from './response-headers.ts';
import type { RetryOptions } from './retry.ts';
import { throwIfAborted } from './retry.ts';
import type { Transport, TransportResponse } from './transport.ts';

/** A request to a registry as the API modules make it. */
interface RegistryRequest {
  readonly method: string;
  /** A path on the registry, or where the registry or a manifest sent us (see {@link nextHop}). */
  readonly target: string | URL;
  /** What comes is taken as it is: of a blob it counts what it is stored with, not what its storage says of it. */
  readonly isBlob?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** A factory for what is streamed: the request is sent anew after a challenge. */
  readonly body?: Uint8Array | (() => ContentSource);
  /** Bytes of a streamed body. Undefined: however many there are, and the connection says where they end. */
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
  /** Incremental hashes as the platform has them. */
  readonly createHasher: HasherFactory;
  /** True: streamed bodies are held in memory whole, so uploads are to be in bounded pieces. */
  readonly buffersBodies: boolean;
  /** Whether an answer has said that the registry keeps signatures. */
  readonly keepsSignatures: boolean;
  send(request: RegistryRequest): Promise<RegistryResponse>;
}

/** What all sessions of a client share. */
export interface SessionContext {
  readonly transport: Transport;
  readonly endpoints: Endpoints;
  readonly tlsVerify: (host: string) => boolean;
  readonly credentials: CredentialProvider;
  readonly headers: Readonly<Record<string, string>>;
  readonly noteWarnings: (host: string, headers: ResponseHeaders) => void;
  /** Retries of requests to a host. */
  readonly retryAt: (host: string) => RetryOptions;
  readonly createHasher: HasherFactory;
  readonly now: () => number;
}

const maxRedirects = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function createSession(context: SessionContext, host: string, repository?: string): Session {
  const { transport, endpoints, noteWarnings, createHasher } = context;
  let authenticator: Authenticator | undefined;
  /** True when the registry was reached in the own network, where it may lead us. */
  let isPrivate = false;
  let keepsSignatures = false;

  /** Sends once, maps failures, and has the body fail with LadingErrors too. */
  async function exchange(
    url: URL,
    request: RegistryRequest,
    { tlsVerify, publicOnly = false, authorization }: Pick<Endpoint, 'tlsVerify'> & Hop,
  ): Promise<TransportResponse> {
    const { method, headers = {}, body, sizeBytes, signal } = request;
    const size = typeof body === 'function' ? sizeBytes : (body?.length ?? 0);
    const watched = typeof body === 'function' ? watch(body()) : undefined;
    try {
      const response = await transport.send({
        method,
        url,
        headers: {
          ...context.headers,
          ...headers,
          // A POST without a body must say so, or some proxies answer 411.
          ...(size === undefined || method === 'GET' || method === 'HEAD' || method === 'DELETE'
            ? {}
            : { 'content-length': String(size) }),
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: watched?.stream ?? (body as Uint8Array | undefined),
        tlsVerify,
        publicOnly,
        signal,
      });
      const mapped = { ...response, body: mapBody(response.body, method, url, signal) };
      return request.isBlob === true ? mapped : decodeBody(url.host, mapped);
    } catch (error) {
      if (signal?.aborted) throw canceled(`${method} to ${url.host} was canceled`, signal);
      const failure = watched?.failure();
      throw failure === undefined ? connectionError(method, url, error, signal) : failure.error;
    }
  }

  /** Sends to the registry itself, with what it was seen to ask for. */
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
    const exchangeAs = async (authorization: string | undefined) => {
      const answer = await exchange(url, request, { tlsVerify: endpoint.tlsVerify, authorization });
      if (answer.isPrivate !== undefined) isPrivate = answer.isPrivate;
      noteWarnings(host, answer.headers);
      keepsSignatures ||= answer.headers.get('x-registry-supports-signatures') === '1';
      return answer;
    };
    const first = await authenticator.authorize(scopes, signal);
    const response = await exchangeAs(first);
    if (response.status !== 401) return response;
    const challenge = response.headers.get('www-authenticate');
    // Read before anything else: whatever comes of the challenge, the connection is free again.
    const refusal = await responseError(method, url, response, notFound);
    const second = await authenticator.answer({ challenge, refused: first, isPrivate }, scopes, signal);
    if (second === undefined) throw refusal;
    return await exchangeAs(second);
  }

  return {
    host,
    retry: context.retryAt(host),
    createHasher,
    buffersBodies: transport.buffersBodies ?? false,
    get keepsSignatures() {
      return keepsSignatures;
    },
    async send(request: RegistryRequest): Promise<RegistryResponse> {
      const { method, target, expect, signal, notFound } = request;
      throwIfAborted(signal);
      const endpoint = await endpoints.find(host, signal);
      let url = target instanceof URL ? target : new URL(target, endpoint.url);
      let publicOnly = mustStayPublic(endpoint.url, url, isPrivate);
      for (let hops = 0; ; hops++) {
        // Credentials are for this scheme, host and port. A storage service behind a redirect has a signed
        // URL of its own, and some refuse a request that carries an Authorization header as well.
        const response =
          url.origin === endpoint.url.origin
            ? await authorized(url, endpoint, request)
            : await exchange(url, request, { tlsVerify: context.tlsVerify(url.host), publicOnly });
        const location = response.headers.get('location');
        const mayFollow = (method === 'GET' || method === 'HEAD') && location !== null;
        if (mayFollow && redirects.has(response.status) && !expect.includes(response.status)) {
          await discard(response.body);
          if (hops >= maxRedirects) throw unexpectedAnswer(host, `more than ${maxRedirects} redirects`);
          const next = nextHop(url, location, 'redirect', response.isPrivate);
          publicOnly ||= mustStayPublic(url, next, response.isPrivate ?? false);
          url = next;
          continue;
        }
        if (!expect.includes(response.status)) throw await responseError(method, url, response, notFound);
        return { ...response, url: response.url ?? url };
      }
    },
  };
}

interface Hop {
  readonly publicOnly?: boolean;
  readonly authorization?: string | undefined;
}

function mapBody(
  body: AsyncIterable<Uint8Array>,
  method: string,
  url: URL,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  return observeBody(body, {
    async around(read) {
      try {
        return await read();
      } catch (error) {
        throw connectionError(method, url, error, signal);
      }
    },
  });
}

/** Remembers what a caller's own stream failed with, to tell that from a failure of the connection. */
function watch(source: ContentSource): {
  stream: ContentSource;
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
  return { stream: withRecycling(stream(), source), failure: () => failure };
}
