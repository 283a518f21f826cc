// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { LadingError } from '@lading/errors';
import type { PortMapping } from '../types/container-options.ts';

/**
 * Listens on the ports of the host until it is disposed. The rules of a port mapping would take the
 * packets of a program that listens there already, without a word. SCTP is not looked at.
 *
 * @throws AlreadyExists with reason `EADDRINUSE` when a program listens on a port
 */
export async function claimPorts(mappings: readonly PortMapping[]): Promise<AsyncDisposable> {
  // No AsyncDisposableStack, which Node 22 lacks.
  const held: AsyncDisposable[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(held.splice(0).map((socket) => socket[Symbol.asyncDispose]()));
  };
  for (const { hostPort, hostIp, protocol = 'tcp' } of mappings) {
    if (protocol === 'sctp' || !hostPort) continue;
    const host = hostIp || '0.0.0.0';
    try {
      held.push(protocol === 'udp' ? await bindUdp(host, hostPort) : await listenTcp(host, hostPort));
    } catch (error) {
      await release();
      const cause = LadingError.from(error);
      const inUse = cause.reason === 'EADDRINUSE';
      const where = `${host.includes(':') ? `[${host}]` : host}:${hostPort}/${protocol}`;
      const why = inUse ? 'address already in use' : cause.message;
      throw new LadingError(cause.code, `cannot listen on ${where}: ${why}`, {
        ...(cause.reason !== undefined && { reason: cause.reason }),
        cause: error,
      });
    }
  }
  return { [Symbol.asyncDispose]: release };
}

async function listenTcp(host: string, port: number): Promise<AsyncDisposable> {
  // Whoever connects before the rules are in place is turned away, as if nobody listened.
  const server = createServer((socket) => socket.destroy());
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  return server;
}

async function bindUdp(address: string, port: number): Promise<AsyncDisposable> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind({ address, port, exclusive: true });
  await once(socket, 'listening');
  return socket;
}
