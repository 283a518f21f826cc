// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Keeps what comes, by channel. */
export interface WebSocketClient {
  readonly protocol: string;
  readonly socket: WebSocket;
  send(channel: number, bytes: string | Uint8Array): void;
  text(channel: number): string;
  bytes(channel: number): Buffer;
  until(done: () => boolean): Promise<void>;
  /** The code of the close frame. */
  readonly closed: Promise<number>;
}

export async function connectWebSocket(url: string, offer: readonly string[]): Promise<WebSocketClient> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), [...offer], { rejectUnauthorized: false });
  const parts = new Map<number, Buffer>();
  let wake = (): void => {};
  let isClosed = false;
  socket.on('message', (data: Buffer) => {
    const isBase64 = socket.protocol.includes('base64');
    const channel = (data[0] ?? 0) - (isBase64 ? 0x30 : 0);
    const rest = data.subarray(1);
    const bytes = isBase64 ? Buffer.from(rest.toString(), 'base64') : rest;
    parts.set(channel, Buffer.concat([parts.get(channel) ?? Buffer.alloc(0), bytes]));
    wake();
  });
  const closed = once(socket, 'close').then(([code]) => {
    isClosed = true;
    wake();
    return Number(code);
  });
  closed.catch(() => {});
  await once(socket, 'open');
  const isBase64 = socket.protocol.includes('base64');
  return {
    protocol: socket.protocol,
    socket,
    send(channel, bytes) {
      const body = Buffer.from(bytes);
      if (isBase64) socket.send(`${channel}${body.toString('base64')}`);
      else socket.send(Buffer.concat([Buffer.from([channel]), body]));
    },
    text: (channel) => (parts.get(channel) ?? '').toString(),
    bytes: (channel) => parts.get(channel) ?? Buffer.alloc(0),
    async until(done) {
      while (!done() && !isClosed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (!done()) throw new Error('the connection closed before');
    },
    closed,
  };
}
