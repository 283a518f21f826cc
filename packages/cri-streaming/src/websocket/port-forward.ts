// SPDX-License-Identifier: Apache-2.0
import type { WebSocket } from 'ws';
import { forwardPort } from '../forward.ts';
import type { PortForwarding } from '../types.ts';
import { openChannels } from './channels.ts';
import type { ChannelProtocol } from './protocols.ts';

/** Two channels a port of the request: data, then errors. Each first says its port, as little endian. */
export async function servePortChannels(
  socket: WebSocket,
  protocol: ChannelProtocol,
  { ports = [], dial }: PortForwarding,
  touch: () => void,
): Promise<void> {
  const channels = openChannels(socket, protocol, touch);
  const forwards = ports.map(async (port, index) => {
    const [data, error] = [index * 2, index * 2 + 1];
    const input = channels.input(data);
    const name = Buffer.from([port & 0xff, port >> 8]);
    await channels.send(data, name);
    await channels.send(error, name);
    await forwardPort(
      {
        port,
        input,
        output: (chunk) => channels.send(data, chunk),
        error: (chunk) => channels.send(error, chunk),
        signal: channels.signal,
      },
      dial,
    );
  });
  await Promise.all(forwards);
  channels.close();
}
