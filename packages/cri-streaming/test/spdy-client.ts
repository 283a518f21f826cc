// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { createHeaderDeflater } from '../src/spdy/compression.ts';
import {
  createFrameParser,
  finFlag,
  formatControlFrame,
  formatDataFrame,
  frameType,
  words,
} from '../src/spdy/frames.ts';
import { formatHeaders } from '../src/spdy/headers.ts';

/** A client as Go's: it opens streams, and keeps what comes. */
export interface SpdyClient {
  readonly protocol: string;
  open(headers: Readonly<Record<string, string>>, id?: number): number;
  send(id: number, text: string, fin?: boolean): void;
  raw(bytes: Uint8Array): void;
  /** All data of a stream up to now. */
  text(id: number): string;
  /** `reply 1`, `fin 1`, `reset 1 5`, `goaway`, `ping 1`, in their order. */
  readonly events: readonly string[];
  /** Resolves when this has happened, or the connection is gone. */
  until(done: () => boolean): Promise<void>;
  readonly closed: Promise<unknown>;
  destroy(): void;
}

export async function connectSpdy(url: string, offer: readonly string[]): Promise<SpdyClient> {
  const call = request(url, {
    method: 'POST',
    headers: { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': [...offer] },
  });
  call.end();
  const answer = await Promise.race([
    once(call, 'upgrade').then(([response, socket, head]) => ({ response, socket, head })),
    once(call, 'response').then(([response]) => ({ response, socket: undefined, head: undefined })),
  ]);
  if (answer.socket === undefined) {
    answer.response.resume();
    throw new Error(`refused with ${answer.response.statusCode}`);
  }
  return speakSpdy(answer.socket, answer.head, String(answer.response.headers['x-stream-protocol-version']));
}

export function speakSpdy(socket: Duplex, head: Uint8Array, protocol: string): SpdyClient {
  const deflate = createHeaderDeflater();
  const parser = createFrameParser();
  const texts = new Map<number, string>();
  const events: string[] = [];
  let nextId = 1;
  let wake = (): void => {};
  const take = (chunk: Uint8Array): void => {
    for (const frame of parser.push(chunk)) {
      if (frame.kind === 'data') {
        texts.set(frame.streamId, (texts.get(frame.streamId) ?? '') + frame.bytes.toString());
        if (frame.flags & finFlag) events.push(`fin ${frame.streamId}`);
        continue;
      }
      const first = frame.body.length >= 4 ? frame.body.readUInt32BE(0) : 0;
      if (frame.type === frameType.synReply) events.push(`reply ${first}`);
      if (frame.type === frameType.rstStream) events.push(`reset ${first} ${frame.body.readUInt32BE(4)}`);
      if (frame.type === frameType.goAway) events.push('goaway');
      if (frame.type === frameType.ping) events.push(`ping ${first}`);
    }
    wake();
  };
  let isClosed = false;
  const closed = once(socket, 'close').then(() => {
    isClosed = true;
    wake();
  });
  socket.on('error', () => {});
  if (head.length > 0) take(head);
  socket.on('data', take);
  socket.on('end', () => socket.end());
  return {
    protocol,
    open(headers, id = nextId) {
      nextId = id + 2;
      const block = deflate(formatHeaders(new Map(Object.entries(headers))));
      const body = Buffer.concat([words(id, 0), Buffer.from([0, 0]), block]);
      socket.write(formatControlFrame(frameType.synStream, body));
      return id;
    },
    send: (id, text, fin = false) =>
      void socket.write(formatDataFrame(id, Buffer.from(text), fin ? finFlag : 0)),
    raw: (bytes) => void socket.write(bytes),
    text: (id) => texts.get(id) ?? '',
    events,
    async until(done) {
      while (!done() && !isClosed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (!done()) throw new Error(`the connection closed before; ${events.join(', ')}`);
    },
    closed,
    destroy: () => void socket.destroy(),
  };
}
