// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { certificateProvider } from '@lading/config';
import { Code } from '@lading/errors';
import { createRegistry, startRegistry } from '@lading/registry';
import { createRegistryClient, createUndiciTransport } from '@lading/registry-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { type Authority, type Issued, makeAuthority } from './authority.ts';
import { collect, pushImage, randomImage } from './image.ts';
import { eagerRetry } from './scripted-server.ts';

let authority: Authority;
let served: Issued;
let mine: Issued;
beforeAll(async () => {
  authority = await makeAuthority();
  served = await authority.issue('server', 'registry.example');
  mine = await authority.issue('client');
});
afterAll(() => authority[Symbol.asyncDispose]());

async function listening(server: Server, where: number | string = 0) {
  if (typeof where === 'string') server.listen(where);
  else server.listen(where, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    host: typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '',
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function folderOf(host: string, files: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), 'lading-certs.d-'));
  await mkdir(join(directory, host));
  for (const [name, source] of Object.entries(files)) await copyFile(source, join(directory, host, name));
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}

describe("Debian's docker-registry with TLS and htpasswd", () => {
  it('takes an image from a client that has certs.d and the password', async () => {
    const user = { username: 'anna', password: 'geheim' };
    const tls = { certificate: served.certFile, key: served.keyFile };
    await using registry = await startDockerRegistry({ user, tls });
    await using folder = await folderOf(registry.host, { 'ca.crt': authority.caFile });
    await using client = createRegistryClient({
      credentials: () => user,
      tls: certificateProvider({ directories: [folder.directory] }),
    });
    const image = await randomImage();
    const repository = client.repository(`${registry.host}/demo`);
    await pushImage(repository, image, 'v1');
    expect((await collect(repository.blobs.open(image.layer))).equals(image.layerBytes)).toBe(true);
  });
});

describe('a registry that wants a client certificate', () => {
  const start = async () => {
    const { handler } = await createRegistry();
    const options = { cert: served.cert, key: served.key, ca: authority.ca, requestCert: true };
    return await listening(createTlsServer(options, handler));
  };

  it('takes the one in certs.d', async () => {
    await using registry = await start();
    const files = { 'ca.crt': authority.caFile, 'me.cert': mine.certFile, 'me.key': mine.keyFile };
    await using folder = await folderOf(registry.host, files);
    await using client = createRegistryClient({
      tls: certificateProvider({ directories: [folder.directory] }),
    });
    await client.ping(registry.host);
  });

  it('is not reached without one', async () => {
    await using registry = await start();
    const { retry } = eagerRetry();
    await using client = createRegistryClient({ tls: () => ({ ca: authority.ca }), retry });
    await expect(client.ping(registry.host)).rejects.toMatchObject({ code: Code.Unavailable });
  });

  it.each([
    ['is no PEM', () => ({ cert: 'x', key: 'y' })],
    ['has the key of another', () => ({ cert: mine.cert, key: served.key })],
  ])('is not asked with a certificate that %s', async (_, tls) => {
    await using registry = await start();
    await using client = createRegistryClient({ tls });
    await expect(client.ping(registry.host)).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'TLS_MATERIAL',
    });
  });
});

it('an authority of certs.d is trusted as well as those that are trusted anyway', async () => {
  await using other = await makeAuthority();
  await using registry = await startRegistry({ tls: { cert: served.cert, key: served.key } });
  const program = `
    import { createRegistryClient } from '@lading/registry-client';
    const client = createRegistryClient({ tls: () => ({ ca: process.env.OTHER }) });
    await client.ping(process.env.REGISTRY);
    console.log('trusted');
    await client.close();`;
  const env = {
    ...process.env,
    NODE_EXTRA_CA_CERTS: authority.caFile,
    OTHER: other.ca,
    REGISTRY: registry.host,
  };
  const args = ['--conditions=@lading/source', '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: import.meta.dirname });
  expect(stdout).toBe('trusted\n');
});

it('a host that was asked in the clear before has its certificates all the same', async () => {
  const { handler } = await createRegistry();
  await using registry = await listening(createTlsServer({ cert: served.cert, key: served.key }, handler));
  const transport = createUndiciTransport({ tls: () => ({ ca: authority.ca }), env: {} });
  const ask = (protocol: string) => {
    const url = new URL(`${protocol}://${registry.host}/v2/`);
    return transport.send({ method: 'GET', url, headers: {}, tlsVerify: true });
  };
  await expect(ask('http')).rejects.toThrow();
  expect((await ask('https')).status).toBe(200);
  await transport.close();
});

it('a host whose certificate is not looked at is still shown ours', async () => {
  const { handler } = await createRegistry();
  const options = { cert: served.cert, key: served.key, ca: authority.ca, requestCert: true };
  await using registry = await listening(createTlsServer(options, handler));
  await using client = createRegistryClient({
    tlsVerify: false,
    tls: () => ({ cert: mine.cert, key: mine.key, roots: () => Promise.reject(new Error('not needed')) }),
  });
  await client.ping(registry.host);
});

it('a registry on a unix socket is reached by the host that stands for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lading-socket-'));
  try {
    const path = join(folder, 'registry.sock');
    const { handler } = await createRegistry();
    await using _server = await listening(createServer(handler), path);
    const unixSocket = (host: string) => (host === 'registry.local' ? path : undefined);
    await using client = createRegistryClient({ tlsVerify: false, unixSocket });
    const image = await randomImage();
    const repository = client.repository('registry.local/demo');
    await pushImage(repository, image, 'v1');
    expect((await collect(repository.blobs.open(image.layer))).equals(image.layerBytes)).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe('a proxy', () => {
  /** Leads every name to one registry, and notes what it was asked. */
  async function startProxy(target: string, authorization?: string) {
    const asked: string[] = [];
    const [hostname = '', port = ''] = target.split(':');
    const refuses = (sent: string | undefined) => authorization !== undefined && sent !== authorization;
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (refuses(request.headers['proxy-authorization'])) return void response.writeHead(407).end();
      const { pathname, search } = new URL(request.url ?? '', 'http://none');
      const { 'proxy-authorization': _, ...headers } = request.headers;
      const forward = httpRequest({
        hostname,
        port,
        method: request.method,
        path: pathname + search,
        headers,
      });
      forward.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(forward);
    });
    server.on('connect', (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      if (refuses(request.headers['proxy-authorization'])) {
        return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      }
      const upstream = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    return Object.assign(await listening(server), { asked });
  }
  const basic = `Basic ${Buffer.from('me:a b').toString('base64')}`;

  it('is asked for a tunnel to a registry under TLS, with its own credentials', async () => {
    await using registry = await startRegistry({ tls: { cert: served.cert, key: served.key } });
    await using proxy = await startProxy(registry.host, basic);
    const transport = createUndiciTransport({
      env: { https_proxy: `http://me:a%20b@${proxy.host}` },
      tls: () => ({ ca: authority.ca }),
    });
    await using client = createRegistryClient({ transport });
    const image = await randomImage();
    const repository = client.repository('registry.example/demo');
    await pushImage(repository, image, 'v1');
    expect((await collect(repository.blobs.open(image.layer))).equals(image.layerBytes)).toBe(true);
    expect(new Set(proxy.asked)).toEqual(new Set(['CONNECT registry.example:443']));
  });

  it('forwards to a registry without TLS', async () => {
    await using registry = await startRegistry();
    await using proxy = await startProxy(registry.host);
    const transport = createUndiciTransport({ env: { HTTP_PROXY: proxy.host } });
    const request = {
      method: 'GET',
      url: new URL('http://registry.example/v2/'),
      headers: {},
      tlsVerify: true,
    };
    const answer = await transport.send(request);
    await collect(answer.body);
    await transport.close();
    expect([answer.status, answer.isPrivate]).toEqual([200, undefined]);
    expect(proxy.asked).toEqual(['GET http://registry.example/v2/']);
  });

  it('that refuses is named, without its credentials', async () => {
    await using proxy = await startProxy('127.0.0.1:1', basic);
    const transport = createUndiciTransport({ env: { HTTPS_PROXY: `http://me:geheim@${proxy.host}` } });
    await using client = createRegistryClient({ transport, retry: eagerRetry().retry });
    const failure = await client.ping('registry.example').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'PROXY_REFUSED',
      message: expect.stringContaining(`the proxy ${proxy.host} answered 407`),
    });
    expect(JSON.stringify(failure)).not.toContain('geheim');
    expect(proxy.asked).toHaveLength(1);
  });

  it('is never asked for loopback', async () => {
    await using registry = await startRegistry();
    await using proxy = await startProxy(registry.host);
    const env = { HTTP_PROXY: `http://${proxy.host}`, HTTPS_PROXY: `http://${proxy.host}` };
    await using client = createRegistryClient({
      tlsVerify: false,
      transport: createUndiciTransport({ env }),
    });
    await client.ping(registry.host);
    expect(proxy.asked).toEqual([]);
  });
});
