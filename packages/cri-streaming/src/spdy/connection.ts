// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';
import { Code, LadingError } from '@lading/errors';
import { createByteQueue, createQueue, type Queue } from '../queue.ts';
import { createHeaderDeflater, createHeaderInflater } from './compression.ts';
import {
  type ControlFrame,
  createFrameParser,
  finFlag,
  formatControlFrame,
  formatDataFrame,
  frameType,
  resetStatus,
  words,
} from './frames.ts';
import { formatHeaders, type Headers, parseHeaders } from './headers.ts';

/** A stream that the client has opened. */
export interface SpdyStream {
  readonly id: number;
  readonly headers: Headers;
  /** Ends when the client closes or resets its side, or has gone. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Resolves when the bytes are with the system; silently when the stream or the client is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes this side. */
  end(): void;
  reset(status: number): void;
}

export interface SpdyConnection {
  /** Streams as the client opens them, each answered already. */
  readonly streams: AsyncIterable<SpdyStream>;
  /** Aborts when the client has gone or breaks the rules. */
  readonly signal: AbortSignal;
  /** Resets what is open, says goodbye, and closes. */
  close(): void;
}

interface OpenStream extends SpdyStream {
  readonly queue: Queue<Uint8Array>;
  /** Sides that have said their last. */
  readonly ended: Set<'client' | 'server'>;
}

const mostStreams = 2000;
const largestDataBytes = 32 << 10;
const pingMs = 30_000;
const emptyHeaders: Headers = new Map();

/** Serves SPDY/3.1 as Go clients of Kubernetes speak it: no flow control but TCP's. `touch` is called for what moves on streams. */
export function openConnection(socket: Duplex, touch: () => void): SpdyConnection {
  const open = new Map<number, OpenStream>();
  const arrived = createQueue<SpdyStream>(mostStreams, () => 1);
  const gone = new AbortController();
  const inflater = createHeaderInflater();
  const deflate = createHeaderDeflater();
  let lastId = 0;
  let closing = false;

  const send = (frame: Buffer): Promise<void> =>
    new Promise((resolve) => {
      if (socket.writable) socket.write(frame, () => resolve());
      else resolve();
    });
  const sendReset = (id: number, status: number): void =>
    void send(formatControlFrame(frameType.rstStream, words(id, status)));

  function forget(id: number): void {
    open.get(id)?.queue.end();
    open.delete(id);
  }

  /** A stream whose both sides have ended is over without a word. */
  function endSide(stream: OpenStream, side: 'client' | 'server'): void {
    stream.ended.add(side);
    if (side === 'client') stream.queue.end();
    if (stream.ended.size === 2) open.delete(stream.id);
  }

  function openStream(id: number, headers: Headers, fin: boolean): void {
    const queue = createByteQueue();
    const stream: OpenStream = {
      id,
      headers,
      queue,
      ended: new Set(),
      input: queue,
      async write(bytes) {
        touch();
        const isOpen = (): boolean => open.has(id) && !stream.ended.has('server');
        for (let start = 0; start < bytes.length && isOpen(); start += largestDataBytes)
          await send(formatDataFrame(id, bytes.subarray(start, start + largestDataBytes)));
      },
      end() {
        if (!open.has(id) || stream.ended.has('server')) return;
        void send(formatDataFrame(id, new Uint8Array(), finFlag));
        endSide(stream, 'server');
      },
      reset(status) {
        if (!open.has(id)) return;
        forget(id);
        sendReset(id, status);
      },
    };
    open.set(id, stream);
    if (fin) endSide(stream, 'client');
    const reply = Buffer.concat([words(id), deflate(formatHeaders(emptyHeaders))]);
    void send(formatControlFrame(frameType.synReply, reply));
    arrived.push(stream);
  }

  async function control({ type, flags, body }: ControlFrame): Promise<'stop' | undefined> {
    switch (type) {
      case frameType.synStream: {
        if (body.length < 10) throw malformed('SYN_STREAM');
        const id = body.readUInt32BE(0) & 0x7fffffff;
        // Every block goes through the same zlib stream, also one that is not wanted.
        const headers = parseHeaders(await inflater.inflate(body.subarray(10)));
        if (id <= lastId) sendReset(id, resetStatus.protocolError);
        else if (open.size >= mostStreams || closing) sendReset(id, resetStatus.refusedStream);
        else openStream(id, headers, (flags & finFlag) !== 0);
        lastId = Math.max(lastId, id);
        touch();
        return undefined;
      }
      case frameType.headers:
      case frameType.synReply:
        if (body.length < 4) throw malformed('header');
        await inflater.inflate(body.subarray(4));
        return undefined;
      case frameType.rstStream:
        if (body.length !== 8) throw malformed('RST_STREAM');
        forget(body.readUInt32BE(0) & 0x7fffffff);
        return undefined;
      case frameType.ping:
        if (body.length !== 4) throw malformed('PING');
        // An even one is the answer to ours.
        if (body.readUInt32BE(0) % 2 === 1) await send(formatControlFrame(frameType.ping, body));
        return undefined;
      case frameType.goAway:
        return 'stop';
      case frameType.settings:
      case frameType.windowUpdate:
        return undefined;
      default:
        throw malformed(`control (type ${type})`);
    }
  }

  async function read(): Promise<void> {
    const parser = createFrameParser();
    for await (const chunk of socket) {
      if (!(chunk instanceof Uint8Array)) continue;
      for (const frame of parser.push(chunk)) {
        if (frame.kind === 'control') {
          if ((await control(frame)) === 'stop') return;
          continue;
        }
        const stream = open.get(frame.streamId);
        if (stream === undefined) continue; // it was reset while this was on its way
        touch();
        if (frame.bytes.length > 0) stream.queue.push(frame.bytes);
        if ((frame.flags & finFlag) !== 0) endSide(stream, 'client');
        await Promise.race([stream.queue.room(), closed]);
      }
    }
  }

  const closed = new Promise<void>((resolve) => {
    socket.once('close', resolve);
  });
  const over = (): void => {
    clearInterval(timer);
    for (const id of [...open.keys()]) forget(id);
    arrived.end();
    inflater[Symbol.dispose]();
    gone.abort();
  };
  // A client that is held back is not heard; writing to one that has gone tells.
  let lastPing = 0;
  const timer = setInterval(() => {
    lastPing = (lastPing + 2) % 0x7ffffffe;
    void send(formatControlFrame(frameType.ping, words(lastPing)));
  }, pingMs);
  socket.on('error', () => {}); // its close follows
  void closed.then(over);
  void read().then(
    () => void (closing || socket.destroy()),
    () => void socket.destroy(),
  );

  return {
    streams: arrived,
    signal: gone.signal,
    close() {
      if (closing) return;
      closing = true;
      for (const stream of [...open.values()]) stream.reset(resetStatus.cancel);
      arrived.end();
      void send(formatControlFrame(frameType.goAway, words(lastId, 0)));
      socket.end();
      // What the client still sends is of no interest, but a reset would lose what it has not read yet.
      void Promise.race([closed, new Promise((resolve) => setTimeout(resolve, lingerMs).unref())]).then(() =>
        socket.destroy(),
      );
    },
  };
}

const lingerMs = 1000;

function malformed(what: string): LadingError {
  return new LadingError(Code.InvalidArgument, `a SPDY ${what} frame cannot be read`);
}
