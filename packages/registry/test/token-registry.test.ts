// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { MediaType } from '@lading/image-spec';
import { createRegistryClient } from '@lading/registry-client';
import { expect, it } from 'vitest';
import { startTokenRegistry } from '../../../tools/test-support/token-registry.ts';

const index = new TextEncoder().encode('{"schemaVersion":2,"manifests":[]}');

it('serves who got a token for the scope, and shares refresh tokens', async () => {
  let now = Date.now();
  await using registry = await startTokenRegistry({ now: () => now, expiresInSeconds: 60 });
  const identityToken = registry.issueRefreshToken('anna');
  await using client = createRegistryClient({
    tlsVerify: false,
    credentials: () => ({ identityToken }),
    now: () => 0, // this client believes that no token ever ends
  });
  const { manifests } = client.repository(`${registry.host}/demo`);
  await manifests.push(index, { mediaType: MediaType.ImageIndex, tag: 'v1' });
  await manifests.fetch('v1');
  const push = {
    method: 'POST',
    scopes: ['repository:demo:pull,push'],
    grant: 'refresh_token',
    user: 'anna',
  };
  // The token of the push serves the pull.
  expect(registry.tokenRequests).toEqual([push]);

  await manifests.fetch('v1');
  expect(registry.tokenRequests.length).toBe(1);
  now += 61_000;
  await manifests.fetch('v1');
  expect(registry.tokenRequests.length).toBe(2);
  registry.expireTokens();
  await manifests.fetch('v1');
  expect(registry.tokenRequests.length).toBe(3);
});

it('lets nobody in with a wrong password, and strangers only pull where that is allowed', async () => {
  await using closed = await startTokenRegistry();
  await using open = await startTokenRegistry({ anonymousPull: true });
  await using wrong = createRegistryClient({
    tlsVerify: false,
    credentials: () => ({ username: 'anna', password: 'guess' }),
  });
  await using stranger = createRegistryClient({ tlsVerify: false });
  const refused = { code: Code.Unauthenticated };
  await expect(wrong.ping(closed.host)).rejects.toMatchObject(refused);
  await expect(wrong.ping(open.host)).rejects.toMatchObject(refused);
  await expect(stranger.ping(closed.host)).rejects.toMatchObject(refused);
  await stranger.ping(open.host);
  const { manifests } = stranger.repository(`${open.host}/demo`);
  await expect(manifests.push(index, { mediaType: MediaType.ImageIndex, tag: 'v1' })).rejects.toMatchObject(
    refused,
  );
  await expect(manifests.fetch('v1')).rejects.toMatchObject({ code: Code.NotFound });
});

it('answers the OAuth2 password grant with a refresh token, or a 404 where it knows the GET alone', async () => {
  await using modern = await startTokenRegistry();
  await using old = await startTokenRegistry({ oauth2: false });
  const ask = (realm: string, password: string) =>
    fetch(realm, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        service: 'token-registry',
        client_id: 'test',
        access_type: 'offline',
        username: 'anna',
        password,
        scope: 'repository:a:pull repository:b:pull,push',
      }),
    });
  const given = await ask(modern.realm, 'secret');
  expect([given.status, await given.json()]).toEqual([
    200,
    expect.objectContaining({
      access_token: expect.stringMatching(/^\S+$/),
      refresh_token: expect.stringMatching(/^\S+$/),
      expires_in: 300,
      scope: 'repository:a:pull repository:b:pull,push',
    }),
  ]);
  expect((await ask(modern.realm, 'guess')).status).toBe(401);
  expect((await ask(old.realm, 'secret')).status).toBe(404);
});
