// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer } from 'node:http';

/** An upstream that sends one blob in two halves, the second when it is told to. */
export interface GatedUpstream extends AsyncDisposable {
  readonly host: string;
  /** GETs of the blob. */
  readonly gets: readonly { readonly authorization: string | undefined }[];
  /** Resolves when a first half is on its way. */
  readonly halfSent: Promise<void>;
  /** Lets second halves go. */
  open(): void;
  /** Cuts the connections instead. */
  cut(): void;
}

/** @param bytes what is sent, whatever digest is asked for */
export async function startGatedUpstream(bytes: Uint8Array): Promise<GatedUpstream> {
  const gets: { authorization: string | undefined }[] = [];
  const half = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<boolean>();
  const server = createServer((request, response) => {
    if (!/^\/v2\/.+\/blobs\//.test(request.url ?? '')) {
      response.end('{}');
      return;
    }
    response.writeHead(200, { 'content-length': bytes.length });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    gets.push({ authorization: request.headers.authorization });
    const middle = bytes.length >> 1;
    response.write(bytes.subarray(0, middle), () => half.resolve());
    gate.promise.then((whole) => {
      if (whole) response.end(bytes.subarray(middle));
      else response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the upstream has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    gets,
    halfSent: half.promise,
    open: () => gate.resolve(true),
    cut: () => gate.resolve(false),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
