// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type StreamingServer, startStreamingServer } from '../src/index.ts';
import { connectSpdy } from './spdy-client.ts';
import { connectWebSocket } from './websocket-client.ts';

let server: StreamingServer | undefined;
afterEach(() => server?.close());

const idle = { stdout: true, run: async () => ({ exitCode: 0 }) };

async function statusOf(url: string, method: string, headers: Record<string, string> = {}): Promise<number> {
  const call = request(url, { method, headers });
  call.end();
  const [response] = await once(call, 'response');
  response.resume();
  return response.statusCode;
}

it('a URL is good for one use, whatever comes of it', async () => {
  server = await startStreamingServer();
  const url = server.exec(idle);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/exec\/[\w-]{22}$/);
  const spdy = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1' };
  expect(await statusOf(url, 'POST', spdy)).toBe(400);
  expect(await statusOf(url, 'POST', spdy)).toBe(404);
  const plain = server.exec(idle);
  expect(await statusOf(plain, 'GET')).toBe(400);
  expect(await statusOf(plain, 'GET')).toBe(404);
});

it.each([
  ['another method', 'PUT', (url: string) => url, 405],
  ['the URL of another kind', 'POST', (url: string) => url.replace('/exec/', '/attach/'), 404],
  ['an unknown path', 'POST', (url: string) => `${url}/more`, 404],
])('%s is refused', async (_what, method, change, status) => {
  server = await startStreamingServer();
  const url = change(server.exec(idle));
  expect(await statusOf(url, method, { Connection: 'Upgrade', Upgrade: 'SPDY/3.1' })).toBe(status);
});

it('protocols that are not known are refused, with those that are', async () => {
  server = await startStreamingServer();
  await expect(connectSpdy(server.exec(idle), ['v9.channel.k8s.io'])).rejects.toThrow('403');
  const socket = new WebSocket(server.exec(idle).replace('http', 'ws'), ['v9.channel.k8s.io']);
  const [error] = await once(socket, 'error');
  expect(String(error)).toContain('403');
});

it('no more than 1,000 URLs wait', async () => {
  server = await startStreamingServer();
  for (let i = 0; i < 1000; i++) server.exec(idle);
  expect(() => server?.exec(idle)).toThrow('1000 streaming URLs wait');
});

it.each([
  ['no stream at all', {}],
  ['a terminal with stderr', { stdout: true, stderr: true, tty: true }],
])('%s is refused', async (_what, streams) => {
  server = await startStreamingServer();
  expect(() => server?.exec({ ...streams, run: idle.run })).toThrow();
});

it('a session on which nothing moves is ended', async () => {
  server = await startStreamingServer({ idleTimeoutMs: 50 });
  const run = ({ signal }: { signal: AbortSignal }) =>
    new Promise<{ exitCode: number }>((resolve) => {
      signal.addEventListener('abort', () => resolve({ exitCode: 0 }));
    });
  const webSocket = await connectWebSocket(server.exec({ stdout: true, run }), ['v4.channel.k8s.io']);
  expect(await webSocket.closed).toBe(1006);
  const spdy = await connectSpdy(server.exec({ stdout: true, run }), ['v4.channel.k8s.io']);
  await spdy.until(() => spdy.events.includes('goaway'));
  await spdy.closed;
});

it('a client that does not open its streams is sent away', async () => {
  server = await startStreamingServer({ streamTimeoutMs: 50 });
  const spdy = await connectSpdy(server.exec(idle), ['v4.channel.k8s.io']);
  spdy.open({ streamtype: 'stdout' });
  await spdy.until(() => spdy.events.includes('goaway'));
  await spdy.closed;
});

async function listening(): Promise<{ listener: Server; port: number }> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  return { listener, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

it('an address that is taken is named', async () => {
  const { listener, port } = await listening();
  try {
    await expect(startStreamingServer({ port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
  } finally {
    listener.close();
  }
});
