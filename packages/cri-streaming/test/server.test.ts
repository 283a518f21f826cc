// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type StreamingServer, startStreamingServer } from '../src/index.ts';
import { connectSpdy, type SpdyClient } from './spdy-client.ts';
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

/** A process that does not care whether it is wanted. */
const stubborn = () => new Promise<{ exitCode: number }>(() => {});

async function openAll(client: SpdyClient): Promise<number> {
  const error = client.open({ streamtype: 'error' });
  client.open({ streamtype: 'stdout' });
  await client.until(() => client.events.filter((event) => event.startsWith('reply')).length === 2);
  return error;
}

describe('a client that is sent away', () => {
  it('is told that nothing has moved for too long', async () => {
    server = await startStreamingServer({ idleTimeoutMs: 100 });
    const request = { stdout: true, run: stubborn };
    const webSocket = await connectWebSocket(server.exec(request), ['v4.channel.k8s.io']);
    expect(await webSocket.closed).toBe(1000);
    const told = { status: 'Failure', message: expect.stringMatching(/nothing has moved for 0.1 seconds/) };
    expect(JSON.parse(webSocket.text(3))).toMatchObject(told);
    const spdy = await connectSpdy(server.exec(request), ['v4.channel.k8s.io']);
    const error = await openAll(spdy);
    await spdy.closed;
    expect(JSON.parse(spdy.text(error))).toMatchObject(told);
    expect(spdy.events).toContain('goaway');
  });

  it('is told that the server ends', async () => {
    server = await startStreamingServer();
    const spdy = await connectSpdy(server.exec({ stdout: true, run: stubborn }), ['v4.channel.k8s.io']);
    const error = await openAll(spdy);
    await server.close();
    await spdy.closed;
    expect(JSON.parse(spdy.text(error))).toMatchObject({
      status: 'Failure',
      message: expect.stringMatching(/the runtime is shutting down/),
    });
  });

  it('is told which streams it has not opened', async () => {
    server = await startStreamingServer({ streamTimeoutMs: 50 });
    const spdy = await connectSpdy(server.exec(idle), ['v4.channel.k8s.io']);
    const error = spdy.open({ streamtype: 'error' });
    await spdy.until(() => spdy.events.includes('goaway'));
    await spdy.closed;
    expect(JSON.parse(spdy.text(error)).message).toMatch(/the client has not opened stdout/);
  });
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
