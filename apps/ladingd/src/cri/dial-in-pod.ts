// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { LadingError } from '@lading/errors';
import { tcpSocketIn } from '@lading/linux';

const loopbacks = [
  ['127.0.0.1', 4],
  ['::1', 6],
] as const;

/** Connects to a port of a network namespace's own loopback, of IPv4 or else of IPv6. Undefined is the host's. */
export async function dialInPod(netnsPath: string | undefined, port: number): Promise<Socket> {
  let failure: unknown;
  for (const [host, family] of loopbacks) {
    try {
      const socket =
        netnsPath === undefined
          ? connect({ host, port, allowHalfOpen: true })
          : tcpSocketIn(netnsPath, family).connect({ host, port });
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      failure ??= error;
    }
  }
  throw LadingError.from(failure);
}
