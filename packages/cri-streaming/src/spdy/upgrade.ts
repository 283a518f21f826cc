// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuse } from '../http-reply.ts';
import { listHeader, type Pending, type SessionLimits } from '../pending.ts';
import { watchSession } from '../session-end.ts';
import { openConnection } from './connection.ts';
import { servePortStreams } from './port-forward.ts';
import { serveProcessStreams } from './process.ts';

/** Versions by the names in `X-Stream-Protocol-Version`, the newest first. */
const processProtocols = new Map([
  ['v4.channel.k8s.io', 4],
  ['v3.channel.k8s.io', 3],
  ['v2.channel.k8s.io', 2],
  ['channel.k8s.io', 1],
]);
const forwardProtocols = new Map([['portforward.k8s.io', 1]]);

/** Agrees on a protocol, and serves the session. */
export function upgradeToSpdy(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  pending: Pending,
  limits: SessionLimits,
): void {
  const offer = listHeader(request.headersDistinct['x-stream-protocol-version']);
  if (offer.length === 0) {
    refuse(socket, 400, 'X-Stream-Protocol-Version is missing');
    return;
  }
  const known = pending.kind === 'portforward' ? forwardProtocols : processProtocols;
  const name = offer.find((one) => known.has(one));
  const version = name === undefined ? undefined : known.get(name);
  if (version === undefined) {
    const accepted = [...known.keys()].map((one) => ['X-Accepted-Stream-Protocol-Versions', one] as const);
    refuse(socket, 403, 'none of the protocol versions offered is known', accepted);
    return;
  }
  const lines = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${name}`];
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  void serve(socket, version, pending, limits);
}

async function serve(
  socket: Duplex,
  version: number,
  pending: Pending,
  limits: SessionLimits,
): Promise<void> {
  using end = watchSession(limits);
  const connection = openConnection(socket, end.touch);
  if (pending.kind === 'portforward') {
    end.signal.addEventListener('abort', () => connection.close());
    await servePortStreams(connection, pending.request, limits.streamTimeoutMs);
  } else {
    await serveProcessStreams(connection, version, pending.request, end.signal, limits.streamTimeoutMs);
  }
}
