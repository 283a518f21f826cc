// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecureContextOptions } from 'node:tls';
import { Code, LadingError } from '@lading/errors';
import { createRegistry, type Registry, type RegistryOptions } from './registry.ts';

/** Options of {@link startRegistry}. */
export interface StartRegistryOptions extends RegistryOptions {
  /** The address to listen on. Default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default: 0, any free port. */
  readonly port?: number | undefined;
  /** TLS 1.2 or newer with this certificate. Default: plain HTTP. */
  readonly tls?: ServerTls | undefined;
}

/** What a server shows for itself: PEM texts. */
export interface ServerTls {
  /** The certificate, and those that lead from it to one that clients trust. */
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
}

/** A registry that answers. */
export interface RegistryServer extends AsyncDisposable {
  /** `http://127.0.0.1:5000` */
  readonly url: string;
  /** `127.0.0.1:5000`, as references have it. */
  readonly host: string;
  /** Takes away what no manifest needs, see {@link Registry}. */
  readonly collectGarbage: Registry['collectGarbage'];
  /**
   * Shows another certificate to the connections from now on.
   *
   * @throws InvalidArgument when the two do not belong together: the old one stays
   */
  renewTls(tls: ServerTls): void;
  /**
   * Takes no more connections and waits at most `graceMs` (default 0) for requests that are under way. A second
   * call shortens the wait of the first.
   */
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
  const closed = once(server, 'close');
  let closing = false;
  let end: Promise<void> | undefined;
  server.on('request', (_request, response) => {
    // A connection is kept for the next request, which nobody waits for any more.
    response.once('close', () => setImmediate(() => closing && server.closeIdleConnections()));
  });

  const close = async ({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> => {
    if (!closing) server.close();
    closing = true;
    server.closeIdleConnections();
    const timer = new AbortController();
    const grace = graceMs === 0 ? Promise.resolve() : sleep(graceMs, undefined, { signal: timer.signal });
    await Promise.race([closed, grace]);
    timer.abort();
    grace.catch(() => undefined); // the timer that is not needed any more
    server.closeAllConnections();
    await closed;
    end ??= registry.close();
    await end;
  };
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${address}`,
    host: address,
    collectGarbage: registry.collectGarbage,
    renewTls(renewed) {
      if (!(server instanceof TlsServer)) {
        throw new LadingError(Code.FailedPrecondition, 'the server speaks plain HTTP, it has no certificate');
      }
      usable(() => server.setSecureContext(secureContext(renewed)));
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

async function listeningServer(
  { host = '127.0.0.1', port = 0, tls }: StartRegistryOptions,
  handler: Registry['handler'],
): Promise<Server> {
  const server =
    tls === undefined ? createServer(handler) : usable(() => createTlsServer(secureContext(tls), handler));
  // A large layer over a slow line takes as long as it takes; a line that is dead is found by its silence.
  server.requestTimeout = 0;
  server.timeout = idleMs;
  server.keepAliveTimeout = 30_000;
  await listen(server, host, port);
  return server;
}

function secureContext({ cert, key }: ServerTls): SecureContextOptions {
  const bytes = (value: string | Uint8Array) => (typeof value === 'string' ? value : Buffer.from(value));
  return { cert: bytes(cert), key: bytes(key), minVersion: 'TLSv1.2' };
}

function usable<T>(work: () => T): T {
  try {
    return work();
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
