// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { refuse } from '../http-reply.ts';
import { listHeader, type Pending, type SessionLimits } from '../pending.ts';
import { watchSession } from '../session-end.ts';
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
  limits: SessionLimits,
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
    void serve(webSocket, pending, choice.protocol, limits);
  });
}

async function serve(
  webSocket: WebSocket,
  pending: Pending,
  protocol: ChannelProtocol | 'spdy',
  limits: SessionLimits,
): Promise<void> {
  using end = watchSession(limits);
  if (pending.kind !== 'portforward') {
    if (protocol === 'spdy') return webSocket.close();
    await serveProcessChannels(webSocket, protocol, pending.request, end);
    return;
  }
  end.signal.addEventListener('abort', () => webSocket.terminate());
  if (protocol === 'spdy') {
    const tunnel = createWebSocketStream(webSocket);
    await servePortStreams(openConnection(tunnel, end.touch), pending.request, limits.streamTimeoutMs);
  } else await servePortChannels(webSocket, protocol, pending.request, end.touch);
}
