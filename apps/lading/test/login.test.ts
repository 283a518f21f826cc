// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startRegistry } from '@lading/registry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { pushBusybox } from './busybox-image.ts';
import { createWorld, type World } from './world.ts';

const right = `Basic ${Buffer.from('me:secret').toString('base64')}`;

let world: World;
let registry: Awaited<ReturnType<typeof startRegistry>>;
let dir: string;
let rows = 0;
let isOpen = true;

beforeAll(async () => {
  world = await createWorld();
  registry = await startRegistry({
    authorize: ({ headers }) =>
      isOpen || headers.authorization === right ? undefined : { challenge: 'Basic realm="registry"' },
  });
  const work = join(world.dir, 'work');
  await mkdir(work);
  await pushBusybox(registry.host, 'team/app', work);
  isOpen = false;
});
beforeEach(async () => {
  rows += 1;
  dir = join(world.dir, `home${rows}`);
  await mkdir(dir);
  const conf = join(dir, 'registries.conf');
  await writeFile(conf, `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`);
  for (const [name, value] of Object.entries({
    HOME: dir,
    XDG_RUNTIME_DIR: dir,
    CONTAINERS_REGISTRIES_CONF: conf,
    PATH: `${dir}:${process.env.PATH ?? ''}`,
  })) {
    vi.stubEnv(name, value);
    world.env[name] = value;
  }
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await registry?.close();
});

/** A helper that keeps logins as files of its own folder. */
async function writeHelper(name: string): Promise<void> {
  const script = `#!/bin/sh
cd ${dir}
case $1 in
  store) cat >kept-${name} ;;
  get) read server; cat kept-${name} 2>/dev/null || { echo credentials not found in native keychain; exit 1; } ;;
  erase) rm -f kept-${name} ;;
  list) test -e kept-${name} && echo '{"${registry.host}":"me"}' || echo '{}' ;;
esac
`;
  await writeFile(join(dir, `docker-credential-${name}`), script, { mode: 0o755 });
}

const login = (...flags: readonly string[]) =>
  world.lading(['login', '-u', 'me', '-p', 'secret', ...flags, registry.host]);
const pull = () => world.lading(`pull -q --policy always ${registry.host}/team/app`);

describe('a login', () => {
  it('with a wrong password is refused, and kept nowhere', async () => {
    const file = join(dir, 'auth.json');
    const { code, err } = await world.lading(`login -u me -p wrong --authfile ${file} ${registry.host}`);
    expect([code, err]).toEqual([125, `Error: logging into "${registry.host}": invalid username/password\n`]);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await pull()).toMatchObject({ code: 125, out: '' });
  });

  it('is kept by the helper that registries.conf names, and images are pulled with it', async () => {
    await writeHelper('first');
    const conf = join(dir, 'registries.conf');
    await writeFile(conf, `credential-helpers = ["first"]\n${await readFile(conf, 'utf8')}`);
    expect(await login()).toMatchObject({ code: 0, out: 'Login Succeeded!\n' });
    expect(await readFile(join(dir, 'kept-first'), 'utf8')).toContain('secret');
    expect(await pull()).toMatchObject({ code: 0 });
    expect(await world.lading(`push -q ${registry.host}/team/app`)).toMatchObject({ code: 0 });
    expect(await world.lading(`logout ${registry.host}`)).toMatchObject({ code: 0 });
    expect(await pull()).toMatchObject({ code: 125 });
  });

  it('is kept by a helper that the file names for its host', async () => {
    await writeHelper('own');
    const file = join(dir, 'auth.json');
    await writeFile(file, JSON.stringify({ credHelpers: { [registry.host]: 'own' } }));
    expect(await login('--authfile', file)).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ credHelpers: { [registry.host]: 'own' } });
    const who = `login --get-login --authfile ${file} ${registry.host}`;
    expect(await world.lading(who)).toMatchObject({ code: 0, out: 'me\n' });
    expect(await world.lading(`logout --authfile ${file} ${registry.host}`)).toMatchObject({ code: 0 });
    expect(await world.lading(who)).toMatchObject({ code: 125 });
  });

  it("is found in docker's own store of logins", async () => {
    await writeHelper('all');
    const kept = { ServerURL: registry.host, Username: 'me', Secret: 'secret' };
    await writeFile(join(dir, 'kept-all'), JSON.stringify(kept));
    const file = join(dir, 'config.json');
    await writeFile(file, '{"credsStore":"all"}');
    const pull = `pull -q --policy always --authfile ${file} ${registry.host}/team/app`;
    expect(await world.lading(pull)).toMatchObject({ code: 0 });
  });

  it('is written in a file of Docker with --compat-auth-file, for hosts alone', async () => {
    const file = join(dir, 'config.json');
    await writeFile(file, '{"detachKeys":"ctrl-a"}');
    expect(await login('-v', '--compat-auth-file', file)).toMatchObject({
      code: 0,
      out: `Used:  ${file}\nLogin Succeeded!\n`,
    });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      detachKeys: 'ctrl-a',
      auths: { [registry.host]: { auth: Buffer.from('me:secret').toString('base64') } },
    });
    const part = await world.lading(`login -u me -p secret --compat-auth-file ${file} ${registry.host}/team`);
    expect([part.code, part.err]).toEqual([125, expect.stringContaining('namespaced key')]);
    const both = await login('--authfile', file, '--compat-auth-file', file);
    expect([both.code, both.err]).toEqual([125, expect.stringContaining('cannot be set together')]);
    expect(await world.lading(`logout --compat-auth-file ${file} ${registry.host}`)).toMatchObject({
      code: 0,
    });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ detachKeys: 'ctrl-a', auths: {} });
  });

  it('of docker is used, and left to docker', async () => {
    await mkdir(join(dir, '.docker'));
    const auths = { [registry.host]: { auth: Buffer.from('me:secret').toString('base64') } };
    const file = join(dir, '.docker/config.json');
    await writeFile(file, JSON.stringify({ auths }));
    expect(await world.lading(`login --get-login ${registry.host}`)).toMatchObject({ code: 0, out: 'me\n' });
    expect(await pull()).toMatchObject({ code: 0 });
    const { code, out } = await world.lading(`logout ${registry.host}`);
    expect([code, out]).toEqual([0, expect.stringContaining('established via docker login')]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ auths });
  });
});
