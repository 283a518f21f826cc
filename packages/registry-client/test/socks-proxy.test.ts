// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Code } from '@lading/errors';
import { startRegistry } from '@lading/registry';
import { createRegistryClient, createUndiciTransport } from '@lading/registry-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, type Issued, makeAuthority } from './authority.ts';
import { collect, pushImage, randomImage } from './image.ts';
import { eagerRetry } from './scripted-server.ts';

let authority: Authority;
let served: Issued;
beforeAll(async () => {
  authority = await makeAuthority();
  served = await authority.issue('server', 'registry.example');
});
afterAll(() => authority[Symbol.asyncDispose]());

interface Login {
  readonly user: string;
  readonly password: string;
}

/** A SOCKS 5 proxy (RFC 1928, 1929) that leads every name to one place, and notes what it was asked. */
async function startSocksProxy(target: string, login?: Login) {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const [host = '', port = ''] = target.split(':');
  const serve = async (socket: Socket): Promise<void> => {
    const read = reader(socket);
    const [, methods = 0] = await read(2);
    const offered = await read(methods);
    const method = login === undefined ? 0 : 2;
    if (!offered.includes(method)) return void socket.end(Buffer.from([5, 0xff]));
    socket.write(Buffer.from([5, method]));
    if (login !== undefined) {
      const user = await read((await read(2))[1] ?? 0);
      const password = await read((await read(1))[0] ?? 0);
      const isRight = String(user) === login.user && String(password) === login.password;
      socket.write(Buffer.from([1, isRight ? 0 : 1]));
      if (!isRight) return void socket.end();
    }
    const [, command, , kind] = await read(4);
    expect([command, kind]).toEqual([1, 3]); // CONNECT to a name, which the proxy is to resolve
    const name = await read((await read(1))[0] ?? 0);
    asked.push(`${name}:${(await read(2)).readUInt16BE()}`);
    const upstream = connect(Number(port), host);
    open.add(upstream);
    await once(upstream, 'connect');
    socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  };
  const server = createServer((socket) => {
    open.add(socket);
    serve(socket).catch((error: unknown) => {
      asked.push(String(error));
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    asked,
    host: typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '',
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** Reads exact numbers of bytes, and leaves the rest to whoever reads next. */
function reader(socket: Socket) {
  return async (length: number): Promise<Buffer> => {
    for (;;) {
      if (length === 0) return Buffer.alloc(0);
      const bytes = socket.read(length) as Buffer | null;
      if (bytes !== null) return bytes;
      await once(socket, 'readable');
    }
  };
}

describe('a SOCKS 5 proxy', () => {
  it.each([
    ['', undefined],
    ['me:a%20b@', { user: 'me', password: 'a b' }],
  ] as const)('leads to a registry under TLS by its name (%s)', async (userInfo, login) => {
    await using registry = await startRegistry({ tls: { cert: served.cert, key: served.key } });
    await using proxy = await startSocksProxy(registry.host, login);
    const transport = createUndiciTransport({
      env: { HTTPS_PROXY: `socks5://${userInfo}${proxy.host}` },
      tls: () => ({ ca: authority.ca }),
    });
    await using client = createRegistryClient({ transport });
    const image = await randomImage();
    const repository = client.repository('registry.example/demo');
    await pushImage(repository, image, 'v1');
    expect((await collect(repository.blobs.open(image.layer))).equals(image.layerBytes)).toBe(true);
    expect(new Set(proxy.asked)).toEqual(new Set(['registry.example:443']));
  });

  it('that refuses the password is named without it', async () => {
    await using proxy = await startSocksProxy('127.0.0.1:1', { user: 'me', password: 'right' });
    const transport = createUndiciTransport({ env: { HTTPS_PROXY: `socks5://me:geheim@${proxy.host}` } });
    await using client = createRegistryClient({ transport, retry: eagerRetry().retry });
    const failure = await client.ping('registry.example').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'PROXY_REFUSED',
      message: expect.stringContaining(`the proxy ${proxy.host} answered that it does not let us in`),
    });
    expect(JSON.stringify(failure)).not.toContain('geheim');
    expect(proxy.asked).toEqual([]);
  });
});
