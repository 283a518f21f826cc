// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { collect, pushImage, randomImage } from './image.ts';
import { eagerRetry, type ScriptedServer, startScripted } from './scripted-server.ts';

const anna = { username: 'anna', password: 'secret' };
const basic = `Basic ${Buffer.from('anna:secret').toString('base64')}`;
const image = await randomImage();
const { layer, layerBytes } = image;

/** A token server: tokens are numbered, and say in the clear which scopes they are for. */
async function startTokenServer(expected: string | undefined): Promise<ScriptedServer> {
  return await startScripted((request, response, count) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://token');
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const shown = request.headers.authorization ?? form.get('refresh_token') ?? undefined;
      if (shown !== expected) return response.writeHead(401).end();
      const scopes = [...url.searchParams.getAll('scope'), ...form.getAll('scope')].join('|');
      const token = `${count}/${Buffer.from(scopes).toString('base64url')}`;
      return response.end(JSON.stringify({ token, expires_in: 300 }));
    });
  });
}

/** The rights that a request asks of a token, by its method. */
function startTokenRegistry(realm: string, accept: (token: string) => boolean = () => true) {
  const challenge = `Bearer realm="${realm}",service="test"`;
  return startRegistry({
    authorize(request) {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined || !accept(token)) return { challenge };
      const scopes = Buffer.from(token.split('/')[1] ?? '', 'base64url').toString();
      const right = request.method === 'GET' || request.method === 'HEAD' ? /pull/ : /push/;
      return right.test(scopes) ? undefined : { challenge };
    },
  });
}

describe('bearer authentication', () => {
  it.each([
    { name: 'a password', credentials: anna, expected: basic },
    { name: 'an identity token', credentials: { identityToken: 'refresh-me' }, expected: 'refresh-me' },
    { name: 'no credentials', credentials: undefined, expected: undefined },
  ])('pushes and pulls with $name, with the one token of the push', async ({ credentials, expected }) => {
    await using tokens = await startTokenServer(expected);
    await using registry = await startTokenRegistry(`http://${tokens.host}/token`);
    await using client = createRegistryClient({ tlsVerify: false, credentials: () => credentials });
    const repository = client.repository(`${registry.host}/demo/image`);
    await pushImage(repository, image, 'v1');
    const reads = [1, 2, 3, 4].map(() => collect(repository.blobs.open(layer)));
    for (const bytes of await Promise.all(reads)) expect(bytes.equals(layerBytes)).toBe(true);
    expect(tokens.requests).toHaveLength(1);
  });

  it('shares one token request among requests that begin together', async () => {
    await using tokens = await startTokenServer(undefined);
    await using registry = await startTokenRegistry(`http://${tokens.host}/token`);
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo/image`);
    const asked = [1, 2, 3, 4].map(() => repository.blobs.head(layer.digest));
    expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined, undefined]);
    expect(tokens.requests).toHaveLength(1);
    expect(tokens.requests[0]?.path).toBe('/token?service=test&scope=repository%3Ademo%2Fimage%3Apull');
  });

  it('uses a registry token as it is', async () => {
    const token = `ready/${Buffer.from('pull,push').toString('base64url')}`;
    await using registry = await startTokenRegistry('http://127.0.0.1:1/none', (shown) => shown === token);
    await using client = createRegistryClient({
      tlsVerify: false,
      credentials: () => ({ registryToken: token }),
    });
    await pushImage(client.repository(`${registry.host}/demo`), image, 'v1');
  });

  it('renews once a token that the registry no longer takes', async () => {
    const revoked = new Set<string>();
    await using tokens = await startTokenServer(basic);
    await using registry = await startTokenRegistry(
      `http://${tokens.host}/token`,
      (token) => !revoked.has(token[0] ?? ''),
    );
    await using client = createRegistryClient({ tlsVerify: false, credentials: () => anna });
    const repository = client.repository(`${registry.host}/demo`);
    expect(await repository.blobs.head(layer.digest)).toBeUndefined();
    revoked.add('1');
    expect(await repository.blobs.head(layer.digest)).toBeUndefined();
    expect(tokens.requests).toHaveLength(2);
  });

  it('fetches a new token when its time is over', async () => {
    let time = 0;
    await using tokens = await startTokenServer(basic);
    await using registry = await startTokenRegistry(`http://${tokens.host}/token`);
    await using client = createRegistryClient({ tlsVerify: false, credentials: () => anna, now: () => time });
    const repository = client.repository(`${registry.host}/demo`);
    await repository.blobs.head(layer.digest);
    time += 299_000;
    await repository.blobs.head(layer.digest);
    expect(tokens.requests).toHaveLength(2);
  });

  it.each([
    { name: 'the token server refuses the password', password: 'wrong' },
    { name: 'the registry refuses every token', password: 'secret' },
  ])('ends with Unauthenticated when $name', async ({ password }) => {
    await using tokens = await startTokenServer(basic);
    await using registry = await startTokenRegistry(`http://${tokens.host}/token`, () => false);
    await using client = createRegistryClient({
      tlsVerify: false,
      credentials: () => ({ username: 'anna', password }),
    });
    const failure = await client
      .repository(`${registry.host}/demo`)
      .resolve('v1')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: Code.Unauthenticated });
    expect(JSON.stringify(failure)).not.toContain(password);
    expect(tokens.requests).toHaveLength(1);
  });

  it.each([
    { name: 'is HTML', body: '<html>' },
    { name: 'holds no token', body: '{"token":""}' },
    { name: 'holds a token with a line end', body: '{"token":"a\\nb"}' },
    { name: 'is a megabyte', body: `{"token":"${'a'.repeat(1_000_000)}"}` },
  ])('fails when the token answer $name', async ({ body }) => {
    await using tokens = await startScripted((_, response) => response.end(body));
    await using registry = await startTokenRegistry(`http://${tokens.host}/token`);
    await using client = createRegistryClient({ tlsVerify: false });
    const failure = await client.ping(registry.host).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      reason: expect.stringMatching(/^(UNEXPECTED_RESPONSE|BODY_TOO_LARGE)$/),
    });
  });
});

describe('credentials stay with the host they are for', () => {
  it('an Authorization header does not follow a redirect to another host', async () => {
    await using storage = await startScripted((_, response) => response.end(layerBytes));
    await using registry = await startScripted((request, response) => {
      if (request.headers.authorization !== basic) {
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      }
      response.writeHead(307, { location: `http://${storage.host}/signed?signature=abc` }).end();
    });
    await using client = createRegistryClient({ tlsVerify: false, credentials: () => anna });
    const bytes = await collect(client.repository(`${registry.host}/demo`).blobs.open(layer));
    expect(bytes.equals(layerBytes)).toBe(true);
    expect(registry.requests.at(-1)?.authorization).toBe(basic);
    expect(storage.requests).toEqual([
      { method: 'GET', path: '/signed?signature=abc', authorization: undefined },
    ]);
  });

  it('a signed URL is not shown in the error about it', async () => {
    await using storage = await startScripted((_, response) => response.writeHead(403).end());
    await using registry = await startScripted((_, response) =>
      response.writeHead(307, { location: `http://${storage.host}/x?signature=abc&digest=d` }).end(),
    );
    await using client = createRegistryClient({ tlsVerify: false });
    const failure = await collect(client.repository(`${registry.host}/demo`).blobs.open(layer)).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: Code.PermissionDenied,
      message: `GET http://${storage.host}/x?signature=REDACTED&digest=d answered 403`,
    });
  });

  it('a challenge of another host is not answered', async () => {
    await using storage = await startScripted((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="give"' }).end(),
    );
    await using registry = await startScripted((_, response) =>
      response.writeHead(307, { location: `http://${storage.host}/x` }).end(),
    );
    await using client = createRegistryClient({ tlsVerify: false, credentials: () => anna });
    await expect(collect(client.repository(`${registry.host}/demo`).blobs.open(layer))).rejects.toMatchObject(
      {
        code: Code.Unauthenticated,
      },
    );
    expect(storage.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('an upload location on another host gets the bytes but no Authorization', async () => {
    await using storage = await startScripted((request, response) => {
      request.resume().on('end', () => response.writeHead(201).end());
    });
    await using registry = await startScripted((request, response) => {
      if (request.headers.authorization !== basic) {
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      }
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      response.writeHead(202, { location: `http://${storage.host}/upload/1` }).end();
    });
    await using client = createRegistryClient({ tlsVerify: false, credentials: () => anna });
    const push = client.repository(`${registry.host}/demo`).blobs.push(layer, async function* () {
      yield layerBytes;
    });
    expect(await push).toEqual({ state: 'uploaded' });
    expect(storage.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('a realm in the clear on another host gets none, and is not asked', async () => {
    // All that listens in a test is on loopback, so a registry elsewhere has to be a transport's word.
    await using tokens = await startTokenServer(basic);
    const challenge = `Bearer realm="http://${tokens.host}/token"`;
    await using client = createRegistryClient({
      credentials: () => anna,
      tlsVerify: false,
      transport: {
        async send({ url }) {
          expect(url.host).toBe('registry.example');
          if (url.protocol === 'https:') throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
          const status = url.pathname === '/v2/' ? 200 : 401;
          return {
            status,
            headers: new Headers({ 'www-authenticate': challenge }),
            body: (async function* () {})(),
          };
        },
        async close() {},
      },
    });
    await expect(client.repository('registry.example/demo').resolve('v1')).rejects.toMatchObject({
      code: Code.PermissionDenied,
      reason: 'UNSAFE_LOCATION',
    });
    expect(tokens.requests).toEqual([]);
  });

  it('a registry that asks for ever is answered once', async () => {
    await using registry = await startScripted((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
    );
    await using client = createRegistryClient({
      tlsVerify: false,
      credentials: () => anna,
      retry: eagerRetry().retry,
    });
    await expect(client.repository(`${registry.host}/demo`).resolve('v1')).rejects.toMatchObject({
      code: Code.Unauthenticated,
    });
    expect(registry.requests).toHaveLength(2);
  });
});
