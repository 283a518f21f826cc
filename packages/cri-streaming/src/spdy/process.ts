// SPDX-License-Identifier: Apache-2.0
import { serveProcess } from '../process-session.ts';
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
  streamTimeoutMs: number,
): Promise<void> {
  const timer = setTimeout(() => connection.close(), streamTimeoutMs);
  const streams = new Map<StreamType, SpdyStream>();
  const wanted = wantedStreams(request, version);
  for await (const stream of connection.streams) {
    const type = streamTypes.find((one) => one === stream.headers.get('streamtype'));
    // Clients open what is of no use here, too; only a second stream of one name cannot be.
    if (type !== undefined && streams.has(type)) stream.reset(resetStatus.protocolError);
    else if (type !== undefined) streams.set(type, stream);
    if (wanted.every((one) => streams.has(one))) break;
  }
  clearTimeout(timer);
  const error = streams.get('error');
  if (error === undefined || !wanted.every((one) => streams.has(one))) return connection.close();
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
