// SPDX-License-Identifier: Apache-2.0
import { forwardPort } from '../forward.ts';
import type { PortForwarding } from '../types.ts';
import type { SpdyConnection, SpdyStream } from './connection.ts';
import { resetStatus } from './frames.ts';

interface HalfPair {
  readonly stream: SpdyStream;
  readonly timer: NodeJS.Timeout;
}

/** Any number of connections at once, each a pair of streams (data and error) with the same `requestid`. */
export async function servePortStreams(
  connection: SpdyConnection,
  { dial }: PortForwarding,
  streamTimeoutMs: number,
): Promise<void> {
  const halves = new Map<string, HalfPair>();
  for await (const stream of connection.streams) {
    const type = stream.headers.get('streamtype');
    const port = portOf(stream);
    if (port === undefined || (type !== 'data' && type !== 'error')) {
      stream.reset(resetStatus.refusedStream);
      continue;
    }
    const key = pairOf(stream, type);
    const other = halves.get(key);
    if (other === undefined) {
      const timer = setTimeout(() => {
        halves.delete(key);
        void giveUp(stream, streamTimeoutMs);
      }, streamTimeoutMs);
      halves.set(key, { stream, timer });
    } else if (other.stream.headers.get('streamtype') === type || portOf(other.stream) !== port) {
      stream.reset(resetStatus.protocolError);
    } else {
      clearTimeout(other.timer);
      halves.delete(key);
      const [data, error] = type === 'data' ? [stream, other.stream] : [other.stream, stream];
      void serve(data, error, port, connection.signal, dial);
    }
  }
  for (const { timer } of halves.values()) clearTimeout(timer);
  connection.close();
}

async function serve(
  data: SpdyStream,
  error: SpdyStream,
  port: number,
  signal: AbortSignal,
  dial: PortForwarding['dial'],
): Promise<void> {
  const { input, write: output } = data;
  const isWell = await forwardPort({ port, input, output, error: error.write, signal }, dial);
  data.end();
  if (isWell) error.end();
  else error.reset(resetStatus.cancel);
  // Whatever the client still sends has nobody to take it.
  if (!isWell) data.reset(resetStatus.cancel);
}

async function giveUp(stream: SpdyStream, timeoutMs: number): Promise<void> {
  await stream.write(Buffer.from(`no second stream of this connection came within ${timeoutMs / 1000} s`));
  stream.reset(resetStatus.cancel);
}

function portOf({ headers }: SpdyStream): number | undefined {
  const text = headers.get('port') ?? '';
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** Old clients send no id: their data stream comes right behind the error stream. */
function pairOf(stream: SpdyStream, type: 'data' | 'error'): string {
  const id = stream.headers.get('requestid');
  if (id !== undefined) return `request ${id}`;
  return `stream ${type === 'data' ? stream.id - 2 : stream.id}`;
}
