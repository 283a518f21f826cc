// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import { createRegistry, type Registry, type RegistryOptions } from './registry.ts';

/** Options of {@link startRegistry}. */
export interface StartRegistryOptions extends RegistryOptions {
  /** The address to listen on. Default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default: 0, any free port. */
  readonly port?: number | undefined;
  /** Certificate chain and key, PEM. Default: plain HTTP. */
  readonly tls?: { readonly cert: string | Uint8Array; readonly key: string | Uint8Array } | undefined;
}

/** A registry that answers. */
export interface RegistryServer extends AsyncDisposable {
  /** `http://127.0.0.1:5000` */
  readonly url: string;
  /** `127.0.0.1:5000`, as references have it. */
  readonly host: string;
  /** Takes away what no manifest needs, see {@link Registry}. */
  readonly collectGarbage: Registry['collectGarbage'];
  /** Takes no more connections and waits at most `graceMs` (default 0) for requests that are under way. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** A connection on which nothing happens for this long is closed, and an upload over it with it. */
const idleMs = 120_000;

/**
 * Starts a registry and resolves when it answers.
 *
 * @throws AlreadyExists (`EADDRINUSE`) when the port is taken
 */
export async function startRegistry(options: StartRegistryOptions = {}): Promise<RegistryServer> {
  const { tls } = options;
  const registry = await createRegistry(options);
  const server = await listeningServer(options, registry.handler).catch(async (error: unknown) => {
    await registry.close();
    throw error;
  });
  const address = hostOf(server);
  const close = async ({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : Promise.resolve();
    server.close();
    server.closeIdleConnections();
    const timer = new AbortController();
    const grace = graceMs === 0 ? Promise.resolve() : sleep(graceMs, undefined, { signal: timer.signal });
    await Promise.race([closed, grace]);
    timer.abort();
    grace.catch(() => undefined); // the timer that is not needed any more
    server.closeAllConnections();
    await closed;
    await registry.close();
  };
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${address}`,
    host: address,
    collectGarbage: registry.collectGarbage,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

async function listeningServer(
  { host = '127.0.0.1', port = 0, tls }: StartRegistryOptions,
  handler: Registry['handler'],
): Promise<Server> {
  const server = tls === undefined ? createServer(handler) : tlsServer(tls, handler);
  // A large layer over a slow line takes as long as it takes; a line that is dead is found by its silence.
  server.requestTimeout = 0;
  server.timeout = idleMs;
  server.keepAliveTimeout = 30_000;
  await listen(server, host, port);
  return server;
}

function tlsServer(tls: NonNullable<StartRegistryOptions['tls']>, handler: Registry['handler']): Server {
  const bytes = (value: string | Uint8Array) => (typeof value === 'string' ? value : Buffer.from(value));
  try {
    return createTlsServer({ cert: bytes(tls.cert), key: bytes(tls.key) }, handler);
  } catch (error) {
    throw new LadingError(Code.InvalidArgument, 'the TLS certificate and key cannot be used together', {
      cause: error,
    });
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code, reason } = LadingError.from(error);
    const why = reason === 'EADDRINUSE' ? 'the port is in use, choose another' : (reason ?? String(error));
    throw new LadingError(code, `cannot listen on ${host}:${port}: ${why}`, {
      ...(reason === undefined ? {} : { reason }),
      cause: error,
    });
  }
}

function hostOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new LadingError(Code.Internal, 'the server listens on no port');
  }
  return `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}
