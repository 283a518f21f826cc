// SPDX-License-Identifier: Apache-2.0
import type { WebSocket } from 'ws';
import { serveProcess } from '../process-session.ts';
import type { SessionEnd } from '../session-end.ts';
import type { AttachStreaming, ExecStreaming } from '../types.ts';
import { openChannels } from './channels.ts';
import type { ChannelProtocol } from './protocols.ts';

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/** Exec or attach over numbered channels. */
export async function serveProcessChannels(
  socket: WebSocket,
  protocol: ChannelProtocol,
  request: ExecStreaming | AttachStreaming,
  end: SessionEnd,
): Promise<void> {
  const channels = openChannels(socket, protocol, end.touch);
  const sinkOf = (number: number) => (chunk: Uint8Array) => channels.send(number, chunk);
  const served = serveProcess(
    {
      stdin: request.stdin ? channels.input(channel.stdin) : undefined,
      stdout: request.stdout ? sinkOf(channel.stdout) : undefined,
      stderr: request.stderr ? sinkOf(channel.stderr) : undefined,
      resize: request.tty ? channels.input(channel.resize) : undefined,
      error: sinkOf(channel.error),
      hasStatus: protocol.version >= 4,
      signal: channels.signal,
      cut: end.signal,
    },
    request,
  );
  // Clients wait for a first message, whatever it says.
  const [first = channel.error] = [request.stdout && channel.stdout, request.stderr && channel.stderr].filter(
    (one) => typeof one === 'number',
  );
  await channels.send(first, new Uint8Array());
  await served;
  channels.close();
}
