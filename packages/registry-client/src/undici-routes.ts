// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Dispatcher } from 'undici';
import Agent from 'undici/lib/dispatcher/agent.js';
import { createConnector, type Reached } from './connector.ts';
import { dispatch } from './dispatch.ts';
import { createProxyDispatcher, proxyError } from './proxy-dispatcher.ts';
import { proxiesOf } from './proxy-settings.ts';
import { createReceiveBuffers } from './receive-buffers.ts';
import { secureContextOf } from './secure-context.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';
import type { UndiciTransportOptions } from './undici-options.ts';

interface Route {
  readonly dispatcher: Dispatcher;
  /** Undefined behind a proxy, which resolves names by itself. */
  readonly reached: Reached | undefined;
}

/** {@link createUndiciTransport}, with undici. */
export function openUndiciRoutes(options: UndiciTransportOptions): Transport {
  const { tls, unixSocket, resolve, connectTimeoutMs = 15_000, env = process.env } = options;
  const proxyFor = proxiesOf(env);
  const routes = new Map<string, Promise<Route>>();
  const { onread, release } = createReceiveBuffers();
  let closed = false;

  async function open(request: TransportRequest, proxy: URL | undefined, socketPath: string | undefined) {
    const { url, tlsVerify, publicOnly = false } = request;
    const secureContext =
      url.protocol === 'https:'
        ? await secureContextOf(url.host, await tls?.(url.host), tlsVerify)
        : undefined;
    const secure = { timeout: connectTimeoutMs, rejectUnauthorized: tlsVerify, secureContext };
    if (proxy !== undefined) {
      const dispatcher = await createProxyDispatcher(proxy, { connectTimeoutMs, requestTls: secure });
      return { dispatcher, reached: undefined };
    }
    const { connect, reached } = createConnector({ ...secure, socketPath, resolve, onread }, publicOnly);
    // HTTP/1.1 alone: a layer a connection is faster than all layers over the one of HTTP/2. How long an
    // answer may take is watched above the transport.
    return { dispatcher: new Agent({ allowH2: false, bodyTimeout: 0, headersTimeout: 0, connect }), reached };
  }

  async function routeFor(request: TransportRequest): Promise<Route & { proxy: URL | undefined }> {
    const { url, tlsVerify, publicOnly } = request;
    const socketPath = unixSocket?.(url.host);
    const proxy = socketPath === undefined ? proxyFor(url) : undefined;
    // Material and sockets are by host; without them all hosts are reached in the same way.
    const host = tls === undefined && socketPath === undefined ? '' : url.host;
    const key = JSON.stringify([url.protocol, tlsVerify, publicOnly ?? false, host, proxy?.href, socketPath]);
    let route = routes.get(key);
    if (route === undefined) {
      route = open(request, proxy, socketPath);
      routes.set(key, route);
      // Certificates that could not be read now may be there the next time.
      route.catch(() => routes.delete(key));
    }
    return { ...(await route), proxy };
  }

  return {
    async send(request: TransportRequest): Promise<TransportResponse> {
      const { url, signal } = request;
      signal?.throwIfAborted();
      if (closed)
        throw new LadingError(Code.FailedPrecondition, 'the registry client is closed; make a new one');
      const { dispatcher, reached, proxy } = await routeFor(request);
      try {
        const answer = await dispatch(dispatcher, request, release);
        return { ...answer, isPrivate: reached?.(url.origin) };
      } catch (error) {
        throw proxy !== undefined && !signal?.aborted ? proxyError(proxy, error) : error;
      }
    },
    async close(): Promise<void> {
      closed = true;
      const open = await Promise.allSettled(routes.values());
      routes.clear();
      await Promise.all(
        open.map((route) => (route.status === 'fulfilled' ? route.value.dispatcher.destroy() : undefined)),
      );
    },
  };
}
