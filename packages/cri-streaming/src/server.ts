// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { Code, LadingError } from '@lading/errors';
import { refuse } from './http-reply.ts';
import type { Pending } from './pending.ts';
import { upgradeToSpdy } from './spdy/upgrade.ts';
import { createTlsServer, type StreamingTls } from './tls.ts';
import { createTokens } from './tokens.ts';
import type { AttachStreaming, ExecStreaming, PortForwarding, StreamsWanted } from './types.ts';
import { upgradeToWebSocket } from './websocket/upgrade.ts';

export interface StreamingServerOptions {
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Without it the server speaks plain HTTP. */
  readonly tls?: StreamingTls | undefined;
  /** A session on which nothing moves for so long is ended. Default four hours. */
  readonly idleTimeoutMs?: number | undefined;
  /** A client that has not opened all its streams by then is sent away. Default 30 s. */
  readonly streamTimeoutMs?: number | undefined;
}

/** Serves exec, attach and port-forward. Each call gives a URL that is good for one use within a minute. */
export interface StreamingServer extends AsyncDisposable {
  /** `http://127.0.0.1:41234` */
  readonly address: string;
  /** @throws LadingError `invalid_argument` for streams that cannot be, `resource_exhausted` while 1,000 URLs wait */
  exec(request: ExecStreaming): string;
  /** @throws as {@link exec} */
  attach(request: AttachStreaming): string;
  /** @throws as {@link exec}, also for a port that is none */
  portForward(request: PortForwarding): string;
  /** Ends all sessions. Any number of times. */
  close(): Promise<void>;
}

const fourHoursMs = 4 * 60 * 60 * 1000;
const halfMinuteMs = 30_000;
const farewellMs = 1000;

/**
 * Starts a streaming server of a Kubernetes runtime: WebSocket (`channel.k8s.io` to `v5.channel.k8s.io`, and base64) and
 * SPDY/3.1 (protocols v1 to v4, `portforward.k8s.io`).
 *
 * @throws LadingError when the address cannot be had, or the certificate not be read
 */
export async function startStreamingServer(options: StreamingServerOptions = {}): Promise<StreamingServer> {
  const {
    host = '127.0.0.1',
    port = 0,
    tls,
    idleTimeoutMs = fourHoursMs,
    streamTimeoutMs = halfMinuteMs,
  } = options;
  const tokens = createTokens<Pending>();
  const sockets = new Set<Duplex>();
  const ending = new AbortController();
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const [status, text] = fault(request) ?? (pendingOf(request) === undefined ? unknownUrl : noUpgrade);
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
    response.end(`${text}\n`);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const wrong = fault(request);
    if (wrong !== undefined) return refuse(socket, ...wrong);
    const pending = pendingOf(request);
    if (pending === undefined) return refuse(socket, ...unknownUrl);
    const limits = { idleTimeoutMs, streamTimeoutMs, ending: ending.signal };
    const kind = request.headers.upgrade?.toLowerCase() ?? '';
    if (kind === 'websocket') upgradeToWebSocket(request, socket, head, pending, limits);
    else if (kind.includes('spdy/3.1')) upgradeToSpdy(request, socket, head, pending, limits);
    else refuse(socket, 400, 'only upgrades to SPDY/3.1 and WebSocket are served');
  });

  function pendingOf(request: IncomingMessage): Pending | undefined {
    const [, kind, token] = pathPattern.exec(request.url ?? '') ?? [];
    const pending = token === undefined ? undefined : tokens.take(token);
    return pending?.kind === kind ? pending : undefined;
  }

  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code, message } = LadingError.from(cause, Code.Internal);
    throw new LadingError(code, `the streaming server cannot listen on ${host}:${port}: ${message}`, {
      cause,
    });
  }
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const address = `${tls === undefined ? 'http' : 'https'}://${shownHost}:${boundPort}`;
  const urlOf = (pending: Pending): string => `${address}/${pending.kind}/${tokens.add(pending)}`;

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    ending.abort(new LadingError(Code.Unavailable, 'the runtime is shutting down'));
    // Clients are told why; those that do not leave then are left.
    const left = Promise.all(
      [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
    await Promise.race([left, setTimeout(farewellMs, undefined, { ref: false })]);
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  return {
    address,
    exec: (request) => urlOf({ kind: 'exec', request: checked(request) }),
    attach: (request) => urlOf({ kind: 'attach', request: checked(request) }),
    portForward(request) {
      for (const one of request.ports ?? []) {
        if (!Number.isInteger(one) || one < 1 || one > 65_535)
          throw new LadingError(Code.InvalidArgument, `${one} is no port; they go from 1 to 65535`);
      }
      return urlOf({ kind: 'portforward', request });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const unknownUrl: [number, string] = [404, 'this URL is not known, too old, or was used'];
const noUpgrade: [number, string] = [400, 'this URL wants an upgrade to SPDY/3.1 or WebSocket'];
const pathPattern = /^\/(exec|attach|portforward)\/([\w-]{1,64})(?:\?|$)/;

function fault(request: IncomingMessage): [number, string] | undefined {
  if (!pathPattern.test(request.url ?? '')) return [404, 'there is nothing here'];
  const { method } = request;
  return method === 'GET' || method === 'POST' ? undefined : [405, 'only GET and POST are served'];
}

function checked<T extends StreamsWanted>(request: T): T {
  const { stdin, stdout, stderr, tty } = request;
  if (!stdin && !stdout && !stderr)
    throw new LadingError(Code.InvalidArgument, 'one of stdin, stdout and stderr must be set');
  if (tty && stderr)
    throw new LadingError(
      Code.InvalidArgument,
      'tty and stderr exclude each other: a terminal has one output',
    );
  return request;
}
