// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { refuse } from '../http-reply.ts';
import { createIdleTimer } from '../idle.ts';
import { listHeader, type Pending, type SessionTimeouts } from '../pending.ts';
import { openConnection } from '../spdy/connection.ts';
import { servePortStreams } from '../spdy/port-forward.ts';
import { servePortChannels } from './port-forward.ts';
import { serveProcessChannels } from './process.ts';
import { type ChannelProtocol, chooseForwardProtocol, chooseProcessProtocol } from './protocols.ts';

const largestMessage = 4 << 20;

/** Agrees on a sub-protocol, and serves the session. */
export function upgradeToWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  pending: Pending,
  timeouts: SessionTimeouts,
): void {
  const offer = listHeader(request.headers['sec-websocket-protocol']);
  const choice = pending.kind === 'portforward' ? chooseForwardProtocol(offer) : chooseProcessProtocol(offer);
  if (choice === undefined) {
    refuse(socket, 403, 'none of the sub-protocols offered is known');
    return;
  }
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: largestMessage,
  });
  const { name } = choice;
  // ws would refuse the slash in the name of the tunnel, which Go's clients send all the same.
  delete request.headers['sec-websocket-protocol'];
  if (name !== undefined) server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${name}`));
  server.handleUpgrade(request, socket, head, (webSocket) => {
    void serve(webSocket, pending, choice.protocol, timeouts);
  });
}

async function serve(
  webSocket: WebSocket,
  pending: Pending,
  protocol: ChannelProtocol | 'spdy',
  timeouts: SessionTimeouts,
): Promise<void> {
  using idle = createIdleTimer(timeouts.idleTimeoutMs, () => webSocket.terminate());
  if (protocol === 'spdy') {
    if (pending.kind !== 'portforward') return webSocket.close();
    const tunnel = createWebSocketStream(webSocket);
    await servePortStreams(openConnection(tunnel, idle.touch), pending.request, timeouts.streamTimeoutMs);
  } else if (pending.kind === 'portforward') {
    await servePortChannels(webSocket, protocol, pending.request, idle.touch);
  } else {
    await serveProcessChannels(webSocket, protocol, pending.request, idle.touch);
  }
}
