// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuthConfig, Input } from '@lading/cri-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTokenRegistry, type TokenRegistry } from '../../../tools/test-support/token-registry.ts';
import { pushBusyboxImage } from './busybox-image.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
let registry: TokenRegistry;
let image: string;
let file: string;
beforeAll(async () => {
  world = await createWorld();
  registry = await startTokenRegistry();
  image = `${registry.host}/private/hello:latest`;
  file = join(world.root, 'auth.json');
  await writeFile(
    join(world.root, 'ladingd.conf'),
    `[crio.image]\nglobal_auth_file = "${file}"\ninsecure_registries = ["${registry.host}"]\n`,
  );
  const repository = { host: registry.host, name: 'private/hello', token: await tokenFor('pull,push') };
  const work = join(world.root, 'private');
  await mkdir(work);
  await pushBusyboxImage(repository, ['latest'], work);
  daemon = await world.serve('--insecure-registry', registry.host);
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await writeFile(file, '{}');
  await daemon.images.removeImage({ image: { image } });
});

const basic = (text: string): string => Buffer.from(text).toString('base64');

/** An access token of the registry, as a credential helper of a cloud would give one. */
async function tokenFor(actions: string): Promise<string> {
  const scope = encodeURIComponent(`repository:private/hello:${actions}`);
  const response = await fetch(`${registry.realm}?scope=${scope}`, {
    headers: { authorization: `Basic ${basic('anna:secret')}` },
  });
  const body: { readonly token?: string } = JSON.parse(await response.text());
  return body.token ?? '';
}

const pull = async (auth?: Input<AuthConfig>): Promise<string> =>
  (await daemon.images.pullImage({ image: { image }, ...(auth && { auth }) })).imageRef;

describe('a private image is pulled with', () => {
  it.each<[string, () => Input<AuthConfig> | Promise<Input<AuthConfig>>]>([
    ['a user and a password', () => ({ username: 'anna', password: 'secret' })],
    ['both of them encoded', () => ({ auth: basic('anna:secret') })],
    ['an identity token', () => ({ identityToken: registry.issueRefreshToken('anna') })],
    ['a token of the registry', async () => ({ registryToken: await tokenFor('pull') })],
    [
      'credentials for its registry',
      () => ({ username: 'anna', password: 'secret', serverAddress: `https://${registry.host}/v2/` }),
    ],
  ])('%s', async (_what, auth) => {
    expect(await pull(await auth())).toMatch(/^[0-9a-f]{64}$/);
  });

  it('what the file of the configuration says, which is read anew', async () => {
    await expect(pull()).rejects.toMatchObject({ code: 'unauthenticated' });
    await writeFile(file, JSON.stringify({ auths: { [registry.host]: { auth: basic('anna:secret') } } }));
    expect(await pull()).toMatch(/^[0-9a-f]{64}$/);
    // An empty config of the kubelet means the same.
    expect(await pull({})).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a private image is refused with', () => {
  it.each<[string, Input<AuthConfig>]>([
    ['a wrong password', { username: 'anna', password: 'wrong-secret' }],
    ['an identity token of nobody', { identityToken: 'wrong-secret' }],
    ['a token of the registry that has expired', { registryToken: 'wrong-secret' }],
    [
      'credentials for another registry',
      { username: 'anna', password: 'secret', serverAddress: 'b.example' },
    ],
  ])('%s, and no secret is told', async (_what, auth) => {
    const before = registry.tokenRequests.length;
    await expect(pull(auth)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.not.stringContaining('secret'),
    });
    expect(daemon.stderr()).not.toContain('secret');
    if (auth.serverAddress === 'b.example') {
      expect(registry.tokenRequests.slice(before).map(({ user }) => user)).not.toContain('anna');
    }
  });
});
