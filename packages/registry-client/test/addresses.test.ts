// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { createRegistryClient, createUndiciTransport, type Transport } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { collect, randomImage } from './image.ts';
import { eagerRetry, startScripted } from './scripted-server.ts';

const { layer, layerBytes } = await randomImage(1000);
const refused = { code: Code.PermissionDenied, reason: 'UNSAFE_LOCATION' };

/** The names of these tests lead to where a test says. */
function transportWith(names: Readonly<Record<string, readonly string[]>>) {
  const resolve = async (hostname: string) => names[hostname] ?? [];
  return createUndiciTransport({ resolve, connectTimeoutMs: 200, env: {} });
}

/** A registry of the public network cannot be had here: what is known of its address is said instead. */
function asPublic(transport: Transport, hostname: string): Transport {
  return {
    ...transport,
    async send(request) {
      const response = await transport.send(request);
      return request.url.hostname === hostname ? { ...response, isPrivate: false } : response;
    },
  };
}

describe('a name that resolves to an address of this machine', () => {
  it.each([
    ['a redirect', 'registry.example', 'storage.example', false],
    ['a redirect of a registry that is in the own network itself', 'registry.corp', 'storage.example', true],
    ['a redirect to the registry by its own name', 'registry.example', 'registry.example', true],
  ])('is followed for %s or not', async (_, registry, storage, followed) => {
    await using server = await startScripted((request, response) => {
      if (request.headers.host?.startsWith(storage) && request.url === '/blob')
        return void response.end(layerBytes);
      response.writeHead(307, { location: `http://${storage}:${server.port}/blob` }).end();
    });
    const names = { [registry]: ['127.0.0.1'], [storage]: ['127.0.0.1'] };
    const inner = transportWith(names);
    const transport = registry === 'registry.example' ? asPublic(inner, registry) : inner;
    await using client = createRegistryClient({ tlsVerify: false, transport, retry: eagerRetry().retry });
    const read = collect(client.repository(`${registry}:${server.port}/demo`).blobs.open(layer));
    if (followed) expect((await read).equals(layerBytes)).toBe(true);
    else await expect(read).rejects.toMatchObject(refused);
    expect(server.requests.some(({ path }) => path === '/blob')).toBe(followed);
  });

  it.each([
    ['registry.example', false],
    ['registry.corp', true],
  ])('is asked for a layer that a manifest of %s says is there: %s', async (registry, asked) => {
    await using server = await startScripted((request, response) => {
      if (request.url === '/layer') response.end(layerBytes);
      else response.writeHead(404).end();
    });
    const inner = transportWith({ [registry]: ['127.0.0.1'], 'storage.example': ['127.0.0.1'] });
    const transport = registry === 'registry.example' ? asPublic(inner, registry) : inner;
    await using client = createRegistryClient({ tlsVerify: false, transport, retry: eagerRetry().retry });
    const { blobs } = client.repository(`${registry}:${server.port}/demo`);
    // By the time that a layer is read its manifest has been.
    await blobs.head(layer.digest);
    const read = collect(blobs.open({ ...layer, urls: [`http://storage.example:${server.port}/layer`] }));
    if (asked) expect((await read).equals(layerBytes)).toBe(true);
    else await expect(read).rejects.toMatchObject({ code: Code.NotFound, reason: 'BLOB_UNKNOWN' });
    expect(server.requests.some(({ path }) => path === '/layer')).toBe(asked);
  });

  it('is not asked for a token', async () => {
    await using server = await startScripted((_, response) => {
      const challenge = `Bearer realm="http://tokens.example:${server.port}/token"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    const names = { 'registry.example': ['127.0.0.1'], 'tokens.example': ['10.0.0.1', '::1', '127.0.0.1'] };
    const transport = asPublic(transportWith(names), 'registry.example');
    await using client = createRegistryClient({ tlsVerify: false, transport });
    const { blobs } = client.repository(`registry.example:${server.port}/demo`);
    await expect(blobs.head(layer.digest)).rejects.toMatchObject(refused);
    expect(server.requests.map(({ path }) => path)).not.toContain('/token');
  });

  it('gets no upload', async () => {
    await using server = await startScripted((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      response.writeHead(202, { location: `http://storage.example:${server.port}/upload` }).end();
    });
    const names = { 'registry.example': ['127.0.0.1'], 'storage.example': ['127.0.0.1'] };
    const transport = asPublic(transportWith(names), 'registry.example');
    await using client = createRegistryClient({ tlsVerify: false, transport });
    const push = client
      .repository(`registry.example:${server.port}/demo`)
      .blobs.push(layer, async function* () {
        yield layerBytes;
      });
    await expect(push).rejects.toMatchObject(refused);
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'POST']);
  });
});

describe('a transport that is to stay in the public network', () => {
  const send = async (transport: Transport, url: string) => {
    try {
      return await transport.send({
        method: 'GET',
        url: new URL(url),
        headers: {},
        tlsVerify: true,
        publicOnly: true,
      });
    } finally {
      await transport.close();
    }
  };

  it.each(['http://127.0.0.1:1/', 'http://[::1]:1/', 'http://localhost:1/', 'http://192.168.0.1:1/'])(
    'refuses %s',
    async (url) => expect(send(transportWith({}), url)).rejects.toMatchObject(refused),
  );

  it('opens no socket of this machine', async () => {
    const transport = createUndiciTransport({ unixSocket: () => '/run/none.sock', env: {} });
    await expect(send(transport, 'http://registry.local/')).rejects.toMatchObject(refused);
  });

  it('goes to no private address though a public one is named beside it', async () => {
    await using server = await startScripted((_, response) => response.end());
    const transport = transportWith({ 'both.example': ['127.0.0.1', '192.0.2.1'] });
    await expect(send(transport, `http://both.example:${server.port}/x`)).rejects.toThrow();
    expect(server.requests).toEqual([]);
  });

  it('takes the addresses that it looked at: a name is not resolved a second time', async () => {
    await using server = await startScripted((_, response) => response.end());
    const answers = [['192.0.2.1'], ['127.0.0.1']];
    const resolve = async () => answers.shift() ?? [];
    const transport = createUndiciTransport({ resolve, connectTimeoutMs: 200, env: {} });
    await expect(send(transport, `http://rebound.example:${server.port}/x`)).rejects.toThrow();
    expect([server.requests.length, answers.length]).toEqual([0, 1]);
  });
});

it('a transport says whether a server is in the own network', async () => {
  await using server = await startScripted((_, response) => response.end());
  const transport = transportWith({ 'registry.corp': ['127.0.0.1'] });
  const request = {
    method: 'GET',
    headers: {},
    tlsVerify: true,
    url: new URL(`http://registry.corp:${server.port}/x`),
  };
  expect((await transport.send(request)).isPrivate).toBe(true);
  await transport.close();
});
