// SPDX-License-Identifier: Apache-2.0
import type { RawData, WebSocket } from 'ws';
import { createByteQueue, type Queue } from '../queue.ts';
import type { ChannelProtocol } from './protocols.ts';

/** A WebSocket whose messages each begin with the number of a channel. */
export interface Channels extends Disposable {
  /** What comes on a channel. Ask before messages can come: others are dropped. */
  input(channel: number): Queue<Uint8Array>;
  /** Resolves when the bytes are with the system; silently also when the client has gone. */
  send(channel: number, bytes: Uint8Array): Promise<void>;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** Sends what waits, then closes. */
  close(): void;
}

const closeMark = 255;
const pingMs = 30_000;
const normalClosure = 1000;

/** `touch` is called for whatever moves, pings apart. */
export function openChannels(
  socket: WebSocket,
  { base64, version }: ChannelProtocol,
  touch: () => void,
): Channels {
  const inputs = new Map<number, Queue<Uint8Array>>();
  const gone = new AbortController();
  socket.on('message', (data: RawData) => {
    touch();
    const message = decode(bytesOf(data), base64);
    const [channel, ended] = message;
    if (version === 5 && channel === closeMark && message.length === 2) {
      inputs.get(ended ?? closeMark)?.end();
      return;
    }
    const queue = inputs.get(channel ?? closeMark);
    if (queue === undefined || message.length < 2) return;
    queue.push(message.subarray(1));
    void holdBack(socket, queue);
  });
  const over = (): void => {
    clearInterval(timer);
    for (const queue of inputs.values()) queue.end();
    gone.abort();
  };
  socket.on('close', over);
  socket.on('error', () => {}); // its close follows
  // A client that is held back is not heard; writing to one that has gone tells.
  const timer = setInterval(() => socket.ping(), pingMs);
  return {
    input(channel) {
      const queue = createByteQueue();
      inputs.set(channel, queue);
      return queue;
    },
    send(channel, bytes) {
      touch();
      return new Promise((resolve) => {
        socket.send(encode(channel, bytes, base64), () => resolve());
      });
    },
    signal: gone.signal,
    close: () => {
      socket.resume();
      socket.close(normalClosure);
    },
    [Symbol.dispose]: () => {
      socket.terminate();
      over();
    },
  };
}

/** The socket is not read while a channel has too much: TCP holds the client back. */
async function holdBack(socket: WebSocket, queue: Queue<Uint8Array>): Promise<void> {
  if (!queue.isFull || socket.isPaused) return;
  socket.pause();
  await queue.room();
  socket.resume();
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

/** With base64 the channel is a digit, and the rest is text. */
function decode(message: Uint8Array, base64: boolean): Uint8Array {
  if (!base64 || message.length === 0) return message;
  const text = Buffer.from(message).toString('latin1');
  return Buffer.concat([Buffer.from([text.charCodeAt(0) - zeroDigit]), Buffer.from(text.slice(1), 'base64')]);
}

function encode(channel: number, bytes: Uint8Array, base64: boolean): Uint8Array | string {
  if (base64) return `${String.fromCharCode(zeroDigit + channel)}${Buffer.from(bytes).toString('base64')}`;
  return Buffer.concat([Buffer.from([channel]), bytes]);
}

const zeroDigit = 0x30;
