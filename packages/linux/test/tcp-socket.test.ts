// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pinNetworkNamespace, tcpSocketIn, unpinNamespace } from '../src/index.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-tcp-'));
  path = join(folder, 'net');
  pinNetworkNamespace(path);
});
afterEach(() => {
  unpinNamespace(path);
  rmSync(folder, { recursive: true });
});

it.each([
  ['127.0.0.1', 4],
  ['::1', 6],
] as const)('reaches %s inside, where it says all and hears the answer', async (host, family) => {
  const script = `
    const { text } = require('node:stream/consumers');
    require('node:net').createServer({ allowHalfOpen: true }, async (socket) => socket.end('heard ' + await text(socket)))
      .listen({ host: '${host}', port: 8080 }, () => console.log('ready'));`;
  const server = spawn('nsenter', [`--net=${path}`, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(server.stdout, 'data');
    const socket = tcpSocketIn(path, family).connect({ host, port: 8080 });
    await once(socket, 'connect');
    socket.end('hello');
    expect(await text(socket)).toBe('heard hello');
  } finally {
    server.kill();
  }
});

it('finds nobody inside where the host listens', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const socket = tcpSocketIn(path, 4).connect({ host: '127.0.0.1', port });
    await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED');
  } finally {
    server.close();
  }
});
