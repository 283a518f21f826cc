// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A line to a server that breaks. */
export interface CuttingProxy extends AsyncDisposable {
  readonly host: string;
  /** Connections that were cut. */
  readonly cuts: number;
  /** Bytes that came in the direction that is cut. */
  readonly carriedBytes: number;
}

/**
 * Cuts the first `times` connections that have carried so many bytes up to the server, or down from it. A function
 * says for each connection how many.
 */
export async function startCuttingProxy(
  target: string,
  {
    direction,
    bytes,
    times,
  }: { readonly direction: 'up' | 'down'; readonly bytes: number | (() => number); readonly times: number },
): Promise<CuttingProxy> {
  const [hostname = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let cuts = 0;
  let carriedBytes = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // The other side of a cut line fails as it likes.
      socket.on('error', end).on('close', end);
    }
    client.pipe(upstream);
    upstream.pipe(client);
    let carried = 0;
    const most = typeof bytes === 'number' ? bytes : bytes();
    (direction === 'up' ? client : upstream).on('data', (chunk: Buffer) => {
      carried += chunk.length;
      carriedBytes += chunk.length;
      if (carried < most || cuts >= times || client.destroyed) return;
      cuts += 1;
      end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    get cuts() {
      return cuts;
    },
    get carriedBytes() {
      return carriedBytes;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
