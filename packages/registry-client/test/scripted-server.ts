// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { RetryOptions } from '@lading/registry-client';

/** A server that does what a test says; the probe of `/v2/` is answered before that. */
export interface ScriptedServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** What came in, without the probe: method, path and Authorization. */
  readonly requests: readonly { method: string; path: string; authorization: string | undefined }[];
}

export type Script = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export async function startScripted(script: Script, address = '127.0.0.1'): Promise<ScriptedServer> {
  const requests: { method: string; path: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/v2/') return void response.end('{}');
    requests.push({ method: request.method ?? '', path, authorization: request.headers.authorization });
    script(request, response, requests.length);
  });
  server.listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return {
    host: `${address}:${bound.port}`,
    port: bound.port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Retries without waiting; `waits` holds how long it would have been. */
export function eagerRetry(attempts = 4): { retry: RetryOptions; waits: number[] } {
  const waits: number[] = [];
  return { waits, retry: { attempts, pause: async (waitMs) => void waits.push(waitMs) } };
}
