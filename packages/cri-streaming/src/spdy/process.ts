// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { serveProcess } from '../process-session.ts';
import { outcomeMessage } from '../status.ts';
import type { AttachStreaming, ExecStreaming } from '../types.ts';
import type { SpdyConnection, SpdyStream } from './connection.ts';
import { resetStatus } from './frames.ts';

const streamTypes = ['error', 'stdin', 'stdout', 'stderr', 'resize'] as const;
type StreamType = (typeof streamTypes)[number];

/** Exec or attach over streams that the client names by a header `streamtype`. */
export async function serveProcessStreams(
  connection: SpdyConnection,
  version: number,
  request: AttachStreaming | ExecStreaming,
  cut: AbortSignal,
  streamTimeoutMs: number,
): Promise<void> {
  const streams = new Map<StreamType, SpdyStream>();
  const wanted = wantedStreams(request, version);
  // Not by the loop's own end: what is open already is still to be told why.
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), streamTimeoutMs);
  cut.addEventListener('abort', () => late.resolve('late'));
  const arriving = connection.streams[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([arriving.next(), late.promise]);
    if (next === 'late' || next.done) break;
    const stream = next.value;
    const type = streamTypes.find((one) => one === stream.headers.get('streamtype'));
    // Clients open what is of no use here, too; only a second stream of one name cannot be.
    if (type !== undefined && streams.has(type)) stream.reset(resetStatus.protocolError);
    else if (type !== undefined) streams.set(type, stream);
    if (wanted.every((one) => streams.has(one))) break;
  }
  clearTimeout(timer);
  const error = streams.get('error');
  const missing = wanted.filter((one) => !streams.has(one));
  if (error === undefined || missing.length > 0) {
    const failure = new LadingError(Code.DeadlineExceeded, `the client has not opened ${missing.join(', ')}`);
    await error?.write(Buffer.from(outcomeMessage({ failure }, version >= 4) ?? ''));
    return connection.close();
  }
  const { stdin, stdout, stderr, tty } = request;
  await serveProcess(
    {
      stdin: stdin ? streams.get('stdin')?.input : undefined,
      stdout: stdout ? streams.get('stdout')?.write : undefined,
      stderr: stderr ? streams.get('stderr')?.write : undefined,
      resize: tty ? streams.get('resize')?.input : undefined,
      error: error.write,
      hasStatus: version >= 4,
      signal: connection.signal,
      cut,
    },
    request,
  );
  streams.get('stdout')?.end();
  streams.get('stderr')?.end();
  connection.close();
}

function wantedStreams(
  { stdin, stdout, stderr, tty }: AttachStreaming | ExecStreaming,
  version: number,
): readonly StreamType[] {
  const needs = { error: true, stdin, stdout, stderr, resize: tty && version >= 3 };
  return streamTypes.filter((type) => needs[type]);
}
