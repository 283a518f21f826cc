// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, type Ended, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorldWithImage();
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(async () => {
  await world.lading('rm -f -a -t 0');
  await world.lading('secret rm --all');
});

async function ok(argv: string, stdin?: string): Promise<string> {
  const ended = await world.lading(argv, stdin);
  expect(ended).toMatchObject({ code: 0, err: '' });
  return ended.out;
}

const run = (flags: string, ...command: readonly string[]): Promise<Ended> =>
  world.lading([...`run --rm --network none ${flags}`.split(' '), world.image, ...command]);

describe('lading secret', () => {
  it('keeps what comes from stdin, a file or the environment, for its owner alone', async () => {
    const file = join(world.dir, 'data');
    writeFileSync(file, 'from a file');
    const id = (await ok('secret create one -', 'from stdin')).trim();
    expect(id).toMatch(/^[0-9a-f]{25,64}$/);
    await ok(`secret create --label a=b two ${file}`);
    world.env.SECRET_TEXT = 'from the environment';
    await ok('secret create --env three SECRET_TEXT');
    expect(await ok('secret ls --format {{.Name}}')).toBe('one\nthree\ntwo\n');
    expect(await ok('secret ls -q --filter name=one')).toBe(`${id}\n`);
    for (const [name, data] of [
      ['one', 'from stdin'],
      ['two', 'from a file'],
      ['three', 'from the environment'],
    ]) {
      expect(await ok(`secret inspect --showsecret --format {{.SecretData}} ${name}`)).toBe(`${data}\n`);
      expect(await ok(`secret inspect ${name}`)).not.toContain(data);
    }
    expect(await ok('secret inspect --format {{.Spec.Labels}} two')).toBe('map[a:b]\n');
    const files = globSync(join(world.env.LADING_ROOT ?? '', 'lading/secrets/*.json'));
    expect(files).toHaveLength(3);
    for (const path of files) expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await ok('secret rm one two')).toContain(id);
    expect((await world.lading('secret exists one')).code).toBe(1);
    expect((await world.lading('secret exists three')).code).toBe(0);
  });

  it('refuses a name that is taken, but for those who replace or ignore it', async () => {
    const id = await ok('secret create one -', 'old');
    expect(await world.lading('secret create one -', 'new')).toMatchObject({
      code: 125,
      err: 'Error: one: secret name in use\n',
    });
    expect(await ok('secret create --ignore one -', 'new')).toBe(id);
    expect(await ok('secret inspect --showsecret --format {{.SecretData}} one')).toBe('old\n');
    await ok('secret create --replace one -', 'new');
    expect(await ok('secret inspect --showsecret --format {{.SecretData}} one')).toBe('new\n');
  });

  it.each([
    ['create ../x -', 'invalid secret name'],
    ['create x /no/such', 'open /no/such: no such file or directory'],
    ['create x /dev/null', 'must be larger than 0'],
    ['create --driver pass x -', 'use file'],
    ['create --driver-opts path=/x x -', 'takes no options'],
    ['inspect nope', 'no secret with name or id "nope": no such secret'],
    ['rm nope', 'no secret with name or id "nope": no such secret'],
    ['ls --filter colour=red', 'invalid secret filter'],
  ])('%s is refused', async (words, message) => {
    const { code, err } = await world.lading(`secret ${words}`, 'data');
    expect(code).toBe(125);
    expect(err).toContain(message);
  });
});

describe('run --secret', () => {
  it('mounts a file that none but the container sees', async () => {
    await ok('secret create one -', 'hidden');
    const { out } = await run('--secret one', 'sh', '-c', 'cat /run/secrets/one; ls -ln /run/secrets/one');
    expect(out).toMatch(/^hidden-r--r--r-- +1 0 +0 +6 /);
    const { out: other } = await run(
      '--secret one,target=/etc/key,uid=1000,gid=5,mode=0440',
      'sh',
      '-c',
      'cat /etc/key; ls -ln /etc/key',
    );
    expect(other).toMatch(/^hidden-r--r----- +1 1000 +5 +6 /);
  });

  it('gives a variable, which no record of the container has', async () => {
    await ok('secret create one -', 'hidden');
    await ok(`create --name keeper --network none --secret one,type=env,target=KEY ${world.image} sh -c env`);
    expect(await ok('inspect keeper')).not.toContain('hidden');
    for (const path of globSync(join(world.env.LADING_ROOT ?? '', 'lading/containers/*.json'))) {
      expect(readFileSync(path, 'utf8')).not.toContain('hidden');
    }
    expect(await ok('start -a keeper')).toContain('KEY=hidden\n');
  });

  it('is shown by inspect by its name and its place, without its data', async () => {
    await ok('secret create one -', 'hidden');
    await ok(`create --name keeper --network none --secret one,uid=7,mode=0400 ${world.image} true`);
    const [{ Config }] = JSON.parse(await ok('inspect keeper'));
    expect(Config.Secrets).toEqual([
      { Name: 'one', ID: expect.stringMatching(/^[\da-f]{64}$/), UID: 7, GID: 0, Mode: 0o400 },
    ]);
  });

  it('is a variable of exec too, and in no image that is made of the container', async () => {
    await ok('secret create one -', 'hidden');
    await ok(
      `run -d --name keeper --network none --secret one --secret one,type=env,target=KEY ${world.image} sleep 1000`,
    );
    expect((await world.lading(['exec', 'keeper', 'sh', '-c', 'printf "$KEY"'])).out).toBe('hidden');
    await ok('commit -q keeper localhost/kept');
    expect(await ok('image inspect localhost/kept')).not.toContain('hidden');
    expect(await ok('run --rm --network none localhost/kept ls /run/secrets')).toBe('');
    await ok('rm -f -t 0 keeper');
    await ok('rmi localhost/kept');
  });

  it('belongs to a user of the user namespace', async () => {
    await ok('secret create one -', 'hidden');
    const flags = '--uidmap 0:100000:65536 --user 7 --secret one,uid=7,gid=8,mode=0400';
    const { out } = await run(flags, 'sh', '-c', 'cat /run/secrets/one; stat -c :%a:%u:%g /run/secrets/one');
    expect(out).toBe('hidden:400:7:8\n');
  });

  it('stays with the container when the secret is gone', async () => {
    await ok('secret create one -', 'hidden');
    await ok(`create --name keeper --network none --secret one ${world.image} cat /run/secrets/one`);
    await ok('secret rm one');
    expect(await ok('start -a keeper')).toBe('hidden');
  });

  it.each([
    ['nope', 'no secret with name or id "nope": no such secret'],
    ['nope,type=file', 'the type is mount or env'],
    ['nope,colour=red', '"colour" is no option'],
    ['nope,mode=9', 'mode is no number'],
    ['nope,type=env,uid=1', 'for type=mount'],
    ['type=env', 'it names no secret'],
  ])('%s is refused, and makes nothing', async (value, message) => {
    const { code, err } = await run(`--secret ${value}`, 'true');
    expect(code).toBe(125);
    expect(err).toContain(message);
    expect(await ok('ps -aq')).toBe('');
  });
});
