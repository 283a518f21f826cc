// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type StreamingServer, startStreamingServer } from '../src/index.ts';
import { connectSpdy, speakSpdy } from './spdy-client.ts';
import { connectTunnel } from './tunnel-client.ts';
import { connectWebSocket } from './websocket-client.ts';

let server: StreamingServer;
let echo: Server;
let port: number;
beforeAll(async () => {
  server = await startStreamingServer();
  // Says everything again; answers the end of its input with its own.
  echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(async () => {
  await server.close();
  echo.close();
});

async function dial(to: number) {
  const socket = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

const pair = (requestid: string, to = port) =>
  ['error', 'data'].map((streamtype) => ({ streamtype, port: String(to), requestid }));

it('two connections at once over SPDY, each closed by itself', async () => {
  const client = await connectSpdy(server.portForward({ dial }), ['portforward.k8s.io']);
  const [first, second] = ['0', '1'].map((id) => pair(id).map((headers) => client.open(headers)));
  const [error1 = 0, data1 = 0] = first ?? [];
  const [error2 = 0, data2 = 0] = second ?? [];
  client.send(error1, '', true);
  client.send(error2, '', true);
  client.send(data1, 'one');
  client.send(data2, 'two');
  await client.until(() => client.text(data1) === 'one' && client.text(data2) === 'two');
  client.send(data2, '', true);
  await client.until(() => client.events.includes(`fin ${error2}`));
  client.send(data1, ' more', true);
  await client.until(() => client.events.includes(`fin ${error1}`));
  expect(client.text(data1)).toBe('one more');
  expect(client.text(error1) + client.text(error2)).toBe('');
  expect(client.events.filter((event) => event.startsWith('reset'))).toEqual([]);
  client.destroy();
});

it('old clients without request ids are paired by their streams', async () => {
  const client = await connectSpdy(server.portForward({ dial }), ['portforward.k8s.io']);
  client.open({ streamtype: 'error', port: String(port) });
  const data = client.open({ streamtype: 'data', port: String(port) });
  client.send(data, 'hello', true);
  await client.until(() => client.events.includes(`fin ${data}`));
  expect(client.text(data)).toBe('hello');
  client.destroy();
});

it.each(['0', '65536', '-1', '1e3', '', '80 '])('port %j is refused', async (bad) => {
  const client = await connectSpdy(server.portForward({ dial }), ['portforward.k8s.io']);
  client.open({ streamtype: 'error', port: bad, requestid: '1' });
  await client.until(() => client.events.includes('reset 1 3'));
  expect(client.events).toEqual(['reply 1', 'reset 1 3']);
  client.destroy();
});

it('a port where nobody listens is told on the error stream', async () => {
  const failing = { dial: () => Promise.reject(new Error('connection refused')) };
  const client = await connectSpdy(server.portForward(failing), ['portforward.k8s.io']);
  const [error = 0] = pair('7').map((headers) => client.open(headers));
  await client.until(() => client.events.includes(`reset ${error} 5`));
  expect(client.text(error)).toContain(`error forwarding port ${port} in the sandbox: connection refused`);
  client.destroy();
});

it('a stream that stays alone is told so', async () => {
  await using impatient = await startStreamingServer({ streamTimeoutMs: 50 });
  const client = await connectSpdy(impatient.portForward({ dial }), ['portforward.k8s.io']);
  const error = client.open({ streamtype: 'error', port: '80', requestid: '1' });
  await client.until(() => client.events.includes(`reset ${error} 5`));
  expect(client.text(error)).toContain('no second stream');
  client.destroy();
});

it('over the channels of a WebSocket, whose first messages name the port', async () => {
  const client = await connectWebSocket(server.portForward({ ports: [port], dial }), ['v4.channel.k8s.io']);
  await client.until(() => client.bytes(0).length === 2 && client.bytes(1).length === 2);
  expect(client.bytes(0).readUInt16LE()).toBe(port);
  expect(client.bytes(1).readUInt16LE()).toBe(port);
  client.send(0, 'hello');
  await client.until(() => client.text(0).endsWith('hello'));
  client.socket.close();
  expect(await client.closed).toBe(1005);
});

it('a WebSocket without ports is closed at once', async () => {
  const client = await connectWebSocket(server.portForward({ dial }), ['v4.channel.k8s.io']);
  expect(await client.closed).toBe(1000);
});

it('over SPDY inside a WebSocket', async () => {
  const { tunnel, protocol } = await connectTunnel(server.portForward({ dial }));
  expect(protocol).toBe('SPDY/3.1+portforward.k8s.io');
  const client = speakSpdy(tunnel, Buffer.alloc(0), protocol);
  const [, data = 0] = pair('0').map((headers) => client.open(headers));
  const text = 'x'.repeat(300_000);
  client.send(data, text, true);
  await client.until(() => client.events.includes(`fin ${data}`));
  expect(client.text(data)).toBe(text);
  client.destroy();
});
