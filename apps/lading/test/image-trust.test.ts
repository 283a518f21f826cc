// SPDX-License-Identifier: Apache-2.0
import { globSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGpg } from '../../../tools/test-support/gpg.ts';
import { createWorld, type Ended, type World } from './world.ts';

const owned = new AsyncDisposableStack();
let world: World;
let fingerprint: string;

/** A machine whose user has a key, and signatures in a folder. */
beforeAll(async () => {
  world = owned.use(await createWorld());
  const { dir } = world;
  const gpg = await makeGpg(dir);
  owned.defer(() => gpg.stop());
  fingerprint = await gpg.makeKey('alice');
  const settings = join(dir, '.config/containers');
  await mkdir(join(settings, 'registries.d'), { recursive: true });
  await writeFile(
    join(settings, 'registries.d/all.yaml'),
    `default-docker:\n  lookaside: file://${dir}/signatures\n`,
  );
  Object.assign(world.env, { HOME: dir, GNUPGHOME: join(dir, 'gnupg') });
  // The engine looks for the files of the process's user.
  const { HOME: home = '/root' } = process.env;
  process.env.HOME = dir;
  owned.defer(() => {
    process.env.HOME = home;
  });
  await succeed(`pull -q --tls-verify=false ${world.image}`);
});
afterAll(() => owned.disposeAsync());

function lading(words: string): Promise<Ended> {
  return world.lading(words, '', world.dir);
}

async function succeed(words: string): Promise<string> {
  const { code, out, err } = await lading(words);
  if (code !== 0) throw new Error(`lading ${words}: ${err}`);
  return out;
}

const hostOf = (): string => world.image.slice(0, world.image.indexOf('/'));

describe('trust', () => {
  it('is in what a key has signed', async () => {
    const { dir, image } = world;
    const app = `${hostOf()}/team/app`;
    await succeed(`push -q --tls-verify=false --sign-by ${fingerprint} ${image} ${app}:signed`);
    await succeed(`push -q --tls-verify=false ${image} ${app}:2`);
    const policy = join(dir, '.config/containers/policy.json');
    await succeed(`image trust set --policypath ${policy} --type accept default`);
    await succeed(`image trust set --policypath ${policy} --pubkeysfile alice.gpg ${app}`);
    expect(await succeed('image trust show')).toMatch(
      new RegExp(`repository +${app} +signed +\\S*alice\\S* +file://${dir}/signatures`),
    );
    expect(await lading(`pull -q --tls-verify=false ${app}:signed`)).toMatchObject({ code: 0 });
    // The signature of the other tag is of the same manifest, and gives it another name.
    const refused = await lading(`pull -q --tls-verify=false ${app}:2`);
    expect(refused).toMatchObject({ code: 125, out: '' });
    expect(refused.err).toMatch(/^Error: .*policy/);
    expect((await lading(`image exists ${app}:2`)).code).toBe(1);
  });

  it('is asked for by load, too', async () => {
    const { dir, image } = world;
    await succeed(`save -q -o ${dir}/archive.tar ${image}`);
    const reject = join(dir, 'reject.json');
    await writeFile(reject, '{"default":[{"type":"reject"}]}');
    const refused = await lading(`load -q --signature-policy ${reject} -i ${dir}/archive.tar`);
    expect(refused).toMatchObject({ code: 125, out: '' });
    expect(refused.err).toMatch(/is refused by the policy/);
    expect(await succeed(`load -q -i ${dir}/archive.tar`)).toContain('Loaded image: ');
  });

  it('can be in a list as well as in its images', async () => {
    const { dir, image } = world;
    await succeed(`manifest create signed containers-storage:${image}`);
    await succeed(
      `manifest push -q --tls-verify=false --sign-by ${fingerprint} signed ${hostOf()}/team/list:1`,
    );
    const kept = globSync(`${dir}/signatures/team/list@sha256=*/signature-1`);
    expect(kept).toHaveLength(2);
  });
});

describe('a pull', () => {
  it('of all tags takes each', async () => {
    const { image } = world;
    const all = `${hostOf()}/team/tags`;
    for (const tag of ['a', 'b']) await succeed(`push -q --tls-verify=false ${image} ${all}:${tag}`);
    const ids = (await succeed(`pull -q -a --tls-verify=false docker://${all}`)).trim().split('\n');
    expect(ids).toHaveLength(2);
    expect(await succeed(`images --format {{.Tag}} --sort tag ${all}`)).toBe('a\nb\n');
    expect(await lading(`pull -q -a --tls-verify=false ${all}:a`)).toMatchObject({ code: 125 });
  });

  it.each([
    ['--retry 0', 1],
    ['--retry 2 --retry-delay 1ms', 3],
  ])('with %s asks a registry that fails as often', async (flags, times) => {
    let asked = 0;
    await using server = createServer(({ url }, response) => {
      if (url === '/v2/') return response.end('{}');
      asked += 1;
      response.statusCode = 503;
      return response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const { code } = await lading(`pull -q --tls-verify=false ${flags} 127.0.0.1:${port}/app`);
    expect({ code, asked }).toEqual({ code: 125, asked: times });
  });
});
