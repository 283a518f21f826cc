// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { startRegistry } from '@lading/registry';
import { createRegistryClient, type RegistryClientOptions } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startTokenRegistry } from '../../../tools/test-support/token-registry.ts';
import { collect, pushImage, randomImage, sourceOf } from './image.ts';
import { eagerRetry, startScripted } from './scripted-server.ts';

const anna = { username: 'anna', password: 'secret' };
const image = await randomImage();
const { layer, layerBytes } = image;

function clientOf(options: RegistryClientOptions) {
  return createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry, ...options });
}

describe('against a registry with a token server', () => {
  it('pushes, pulls, lists and deletes with a password', async () => {
    await using registry = await startTokenRegistry();
    await using client = clientOf({ credentials: () => anna });
    const repository = client.repository(`${registry.host}/demo`);
    await repository.ping();
    const { digest } = await pushImage(repository, image, 'v1');
    expect((await collect(repository.blobs.open(layer))).equals(layerBytes)).toBe(true);
    expect(await Array.fromAsync(repository.tags())).toEqual(['v1']);
    await repository.manifests.delete(digest);
    expect(registry.tokenRequests.map(({ method, scopes }) => [method, ...scopes])).toEqual([
      ['GET'],
      ['GET', 'repository:demo:pull,push'],
      ['GET', 'repository:demo:delete,pull'],
    ]);
  });

  it.each([
    ['an identity token, by POST', true, [['POST', 'refresh_token', 'anna']]],
    ['an identity token that only the GET could take', false, [['GET', undefined, '<token>']]],
  ])('is asked with %s', async (_, oauth2, expected) => {
    await using registry = await startTokenRegistry({ oauth2 });
    const identityToken = registry.issueRefreshToken('anna');
    await using client = clientOf({ credentials: () => ({ identityToken }) });
    const push = pushImage(client.repository(`${registry.host}/demo`), image, 'v1');
    if (oauth2) await push;
    else await expect(push).rejects.toMatchObject({ code: Code.Unauthenticated });
    expect(registry.tokenRequests.map(({ method, grant, user }) => [method, grant, user])).toEqual(expected);
  });

  it('pulls anonymously, and pushes only with a password', async () => {
    await using registry = await startTokenRegistry({ anonymousPull: true });
    await using owner = clientOf({ credentials: () => anna });
    await pushImage(owner.repository(`${registry.host}/demo`), image, 'v1');
    await using guest = clientOf({});
    const repository = guest.repository(`${registry.host}/demo`);
    expect((await collect(repository.blobs.open(layer))).equals(layerBytes)).toBe(true);
    const other = await randomImage();
    await expect(repository.blobs.push(other.layer, sourceOf(other.layerBytes))).rejects.toMatchObject({
      code: Code.Unauthenticated,
    });
  });

  it('mounts from another repository with one token for both', async () => {
    await using registry = await startTokenRegistry();
    await using client = clientOf({ credentials: () => anna });
    await pushImage(client.repository(`${registry.host}/first`), image, 'v1');
    const never = () => {
      throw new Error('the blob is to be mounted, not read');
    };
    const { blobs } = client.repository(`${registry.host}/second`);
    expect(await blobs.push(layer, never, { mountFrom: 'first' })).toEqual({ state: 'mounted' });
    expect(registry.tokenRequests.at(-1)?.scopes).toEqual([
      'repository:second:pull,push',
      'repository:first:pull',
    ]);
  });

  it('fetches a new token shortly before the time of the old one is over', async () => {
    let time = Date.now();
    await using registry = await startTokenRegistry({ now: () => time });
    await using client = clientOf({ credentials: () => anna, now: () => time });
    const { blobs } = client.repository(`${registry.host}/demo`);
    await blobs.head(layer.digest);
    time += 294_000;
    await blobs.head(layer.digest);
    expect(registry.tokenRequests).toHaveLength(1);
    time += 2_000;
    await blobs.head(layer.digest);
    expect(registry.tokenRequests).toHaveLength(2);
  });

  it('goes on with an upload whose token was revoked in the middle, from the start of its source', async () => {
    await using registry = await startTokenRegistry();
    await using client = clientOf({ credentials: () => anna });
    const { blobs } = client.repository(`${registry.host}/demo`);
    let calls = 0;
    const source = () => {
      calls += 1;
      if (calls === 1) registry.expireTokens();
      return sourceOf(layerBytes)();
    };
    expect(await blobs.push(layer, source)).toEqual({ state: 'uploaded' });
    expect([calls, registry.tokenRequests.length]).toEqual([2, 2]);
    expect((await collect(blobs.open(layer))).equals(layerBytes)).toBe(true);
  });

  it('asks for credentials by host and repository, once for requests that begin together', async () => {
    await using registry = await startTokenRegistry();
    const asked: unknown[] = [];
    await using client = clientOf({
      credentials: async (host, repository) => {
        asked.push([host, repository]);
        return anna;
      },
    });
    const one = client.repository(`${registry.host}/one`);
    await Promise.all([1, 2, 3].map(() => one.blobs.head(layer.digest)));
    await client.repository(`${registry.host}/two/deep`).blobs.head(layer.digest);
    expect(asked).toEqual([
      [registry.host, 'one'],
      [registry.host, 'two/deep'],
    ]);
  });

  it('takes the login that was made after a refusal', async () => {
    await using registry = await startTokenRegistry();
    let password = 'old';
    await using client = clientOf({ credentials: () => ({ username: 'anna', password }) });
    const { blobs } = client.repository(`${registry.host}/demo`);
    await expect(blobs.head(layer.digest)).rejects.toMatchObject({ code: Code.Unauthenticated });
    password = 'secret';
    expect(await blobs.head(layer.digest)).toBeUndefined();
  });
});

describe('a token server of another kind', () => {
  /** A registry that takes the token `right`, and a realm that does what a test says. */
  async function start(answer: Parameters<typeof startScripted>[0]) {
    const tokens = await startScripted(answer);
    const challenge = `Bearer realm="http://${tokens.host}/token",service="a b",scope="repository:demo:pull"`;
    const registry = await startRegistry({
      authorize: ({ headers }) => (headers.authorization === 'Bearer right' ? undefined : { challenge }),
    });
    return {
      host: registry.host,
      tokens,
      async [Symbol.asyncDispose]() {
        await registry.close();
        await tokens[Symbol.asyncDispose]();
      },
    };
  }

  it.each([404, 405, 501])(
    'that answers a GET with %i is asked by POST with the password',
    async (status) => {
      let form = '';
      await using server = await start((request, response) => {
        if (request.method === 'GET') return void response.writeHead(status).end();
        request.on('data', (chunk) => {
          form += chunk;
        });
        request.on('end', () => response.end('{"access_token":"right"}'));
      });
      await using client = clientOf({ credentials: () => anna });
      await client.ping(server.host);
      expect(Object.fromEntries(new URLSearchParams(form))).toEqual({
        service: 'a b',
        client_id: 'lading',
        scope: 'repository:demo:pull',
        grant_type: 'password',
        username: 'anna',
        password: 'secret',
      });
      expect(server.tokens.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
    },
  );

  it('that gives a new refresh token with each answer gets the newest', async () => {
    const shown: (string | null)[] = [];
    let time = 0;
    await using server = await start((request, response, count) => {
      let form = '';
      request.on('data', (chunk) => {
        form += chunk;
      });
      request.on('end', () => {
        shown.push(new URLSearchParams(form).get('refresh_token'));
        response.end(JSON.stringify({ access_token: 'right', refresh_token: `r${count}`, expires_in: 60 }));
      });
    });
    await using client = clientOf({ credentials: () => ({ identityToken: 'r0' }), now: () => time });
    const { blobs } = client.repository(`${server.host}/demo`);
    for (const _ of [1, 2, 3]) {
      await blobs.head(layer.digest);
      time += 60_000;
    }
    expect(shown).toEqual(['r0', 'r1', 'r2']);
  });

  it('that answers compressed is understood', async () => {
    const { gzipSync } = await import('node:zlib');
    await using server = await start((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"token":"right"}')),
    );
    await using client = clientOf({});
    await client.ping(server.host);
  });

  it('that redirects is not followed', async () => {
    await using elsewhere = await startScripted(
      (_, response) => response.end('{"token":"right"}'),
      '127.0.0.2',
    );
    await using server = await start((_, response) =>
      response.writeHead(307, { location: `http://${elsewhere.host}/token` }).end(),
    );
    await using client = clientOf({ credentials: () => anna });
    await expect(client.ping(server.host)).rejects.toMatchObject({ details: { status: 307 } });
    expect(elsewhere.requests).toEqual([]);
  });
});

describe('a registry', () => {
  it('that asks for more than we thought is asked with that from then on', async () => {
    const scopes: string[] = [];
    await using tokens = await startScripted((request, response, count) => {
      scopes.push(new URL(request.url ?? '', 'http://token').searchParams.getAll('scope').join(' '));
      response.end(JSON.stringify({ token: `t${count}`, expires_in: 60 }));
    });
    let time = 0;
    const wanted = 'repository:demo:pull,metadata repository:shared:pull';
    await using registry = await startScripted((request, response) => {
      const last = scopes.at(-1) ?? '';
      if (request.headers.authorization !== undefined && last.includes('metadata'))
        return void response.writeHead(404).end();
      const challenge = `Bearer realm="http://${tokens.host}/t",scope="${wanted}",error="insufficient_scope"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    await using client = clientOf({ now: () => time });
    const { blobs } = client.repository(`${registry.host}/demo`);
    for (const _ of [1, 2]) {
      expect(await blobs.head(layer.digest)).toBeUndefined();
      time += 60_000;
    }
    expect(scopes).toEqual([wanted, wanted]);
    expect(registry.requests).toHaveLength(3);
  });

  it.each([
    ['Bearer and Basic in one header', ['Basic realm="r", Bearer realm="REALM"'], 'Bearer t'],
    ['Bearer and Basic in two headers', ['Bearer realm="REALM"', 'Basic realm="r"'], 'Bearer t'],
    [
      'Bearer without a realm, and Basic',
      ['Bearer service="s"', 'Basic realm="r"'],
      `Basic ${btoa('anna:secret')}`,
    ],
    ['a scheme that nobody knows, and Basic', ['Negotiate', 'basic realm=r'], `Basic ${btoa('anna:secret')}`],
  ])('that offers %s is answered with the strongest', async (_, challenges, expected) => {
    await using tokens = await startScripted((_request, response) => response.end('{"token":"t"}'));
    await using registry = await startScripted((request, response) => {
      if (request.headers.authorization !== undefined) return void response.writeHead(404).end();
      const headers = challenges.map((text) => text.replace('REALM', `http://${tokens.host}/t`));
      response.setHeader('www-authenticate', headers).writeHead(401).end();
    });
    await using client = clientOf({ credentials: () => anna });
    await client.repository(`${registry.host}/demo`).blobs.head(layer.digest);
    expect(registry.requests.map(({ authorization }) => authorization)).toEqual([undefined, expected]);
  });
});
