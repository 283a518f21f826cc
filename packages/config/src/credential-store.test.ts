// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigWarning, type LoadAuthOptions, loadAuth } from './index.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-config-'));
  path = join(folder, 'auth.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const auth = (user: string): { auth: string } => ({ auth: Buffer.from(`${user}:secret`).toString('base64') });
const user = (username: string): object => ({ username, password: 'secret' });

async function open(document: unknown, warnings: ConfigWarning[] = [], options: LoadAuthOptions = {}) {
  await writeFile(path, typeof document === 'string' ? document : JSON.stringify(document));
  return loadAuth({
    paths: [path],
    ...options,
    env: { PATH: `${folder}:${process.env.PATH ?? ''}`, HELPER_LOG: join(folder, 'log') },
    onWarning: (warning) => warnings.push(warning),
  });
}

/** A helper that notes how it was called and knows one secret. */
async function installHelper(name: string): Promise<void> {
  const script = `#!/bin/sh
input=$(cat)
printf '%s|%s\\n' "$*" "$input" >> "$HELPER_LOG"
case "$1:$input" in
  get:known.net) echo '{"ServerURL":"known.net","Username":"helped","Secret":"secret"}' ;;
  get:token.net) echo '{"ServerURL":"token.net","Username":"<token>","Secret":"secret"}' ;;
  get:https://index.docker.io/v1/) echo '{"Username":"hub","Secret":"secret"}' ;;
  get:broken.net) echo 'no JSON at all' ;;
  get:empty.net) echo '{"Username":"me"}' ;;
  get:failing.net) echo 'the vault is sealed: secret'; exit 1 ;;
  get:hanging.net) exec tail -f /dev/null ;;
  get:endless.net) exec yes secret ;;
  list:*) echo '{"known.net":"helped","token.net":"<token>","other.net":"other","odd.net":7}' ;;
  get:*) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`;
  const file = join(folder, `docker-credential-${name}`);
  await writeFile(file, script);
  await chmod(file, 0o755);
}

describe('get', () => {
  const auths = {
    'example.com': auth('host'),
    'example.com/team': auth('team'),
    'example.com/team/app': auth('app'),
    'example.com:5000': auth('port'),
    'https://old.net/v1/': auth('old'),
    'https://index.docker.io/v1/': auth('hub'),
    'empty.net': {},
    'token.net': { auth: '', identitytoken: 'secret' },
    'named.net': { auth: Buffer.from('<token>:secret').toString('base64') },
    'ready.net': { registrytoken: 'secret', identitytoken: 'other' },
    'kube.net': { username: 'kube', password: 'secret' },
  };
  const cases: [string, object | undefined][] = [
    ['example.com', user('host')],
    ['example.com/other/app', user('host')],
    ['example.com/team/app', user('app')],
    ['example.com/team/app/part', user('app')],
    ['example.com/team/apple', user('team')],
    ['example.com/teams', user('host')],
    ['example.com:5000/team', user('port')],
    ['example.com.evil.net', undefined],
    ['com', undefined],
    ['notexample.com', undefined],
    ['old.net/a', user('old')],
    ['old.net.evil.net', undefined],
    ['docker.io/library/busybox', user('hub')],
    ['index.docker.io', user('hub')],
    ['empty.net', undefined],
    ['token.net', { identityToken: 'secret' }],
    ['named.net', { identityToken: 'secret' }],
    ['ready.net', { registryToken: 'secret' }],
    ['kube.net', user('kube')],
    ['constructor', undefined],
    ['toString/valueOf'.toLowerCase(), undefined],
  ];
  it.each(cases)('for %s', async (name, expected) => {
    const store = await open({ auths });
    expect(await store.get(name)).toEqual(expected);
  });

  it('reads further files only for what the first does not have', async () => {
    const second = join(folder, 'second.json');
    await writeFile(second, JSON.stringify({ auths: { 'a.net': auth('second'), 'b.net': auth('second') } }));
    await open({ auths: { 'a.net': auth('first') } });
    const store = loadAuth({ paths: [path, join(folder, 'none.json'), second], env: {} });
    expect([await store.get('a.net'), await store.get('b.net'), await store.get('c.net')]).toEqual([
      user('first'),
      user('second'),
      undefined,
    ]);
  });

  it('keeps a colon in the password', async () => {
    const store = await open({ auths: { 'a.net': { auth: Buffer.from('me:a:b').toString('base64') } } });
    expect(await store.get('a.net')).toEqual({ username: 'me', password: 'a:b' });
  });
});

describe('files', () => {
  it('are those of containers-auth.json(5), or the one that is named', () => {
    const at = (env: Record<string, string>): string => loadAuth({ env }).path;
    expect(at({ REGISTRY_AUTH_FILE: '/x/auth.json' })).toBe('/x/auth.json');
    expect(at({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/containers/auth.json');
    expect(at({})).toBe(`/run/containers/${process.getuid?.()}/auth.json`);
  });

  it('are found in the order of containers-auth.json(5), the oldest kind at the end', async () => {
    const places: [string, Record<string, unknown>][] = [
      ['runtime/containers/auth.json', { auths: { 'a.net': auth('runtime') } }],
      ['home/.config/containers/auth.json', { auths: { 'a.net': auth('x'), 'b.net': auth('config') } }],
      ['home/.docker/config.json', { auths: { 'b.net': auth('x'), 'c.net': auth('docker') } }],
      ['home/.dockercfg', { 'c.net': auth('x'), 'https://d.net/v1/': auth('legacy') }],
    ];
    for (const [file, document] of places) {
      await mkdir(join(folder, file, '..'), { recursive: true });
      await writeFile(join(folder, file), JSON.stringify(document));
    }
    const env = { HOME: join(folder, 'home'), XDG_RUNTIME_DIR: join(folder, 'runtime') };
    const found = async (more: Record<string, string>) => {
      const store = loadAuth({ env: { ...env, ...more } });
      return await Promise.all(['a.net', 'b.net', 'c.net', 'd.net/app'].map((name) => store.get(name)));
    };
    expect(await found({})).toEqual([user('runtime'), user('config'), user('docker'), user('legacy')]);
    expect(await found({ DOCKER_CONFIG: join(folder, 'none') })).toEqual([
      user('runtime'),
      user('config'),
      user('x'),
      user('legacy'),
    ]);
    const named = { REGISTRY_AUTH_FILE: join(folder, 'home/.docker/config.json') };
    expect(await found(named)).toEqual([undefined, user('x'), user('docker'), undefined]);
  });

  it('of the oldest kind are written as they are', async () => {
    const legacy = join(folder, '.dockercfg');
    const store = loadAuth({ paths: [legacy], env: {} });
    await store.set('a.net', { registryToken: 'secret' });
    expect(JSON.parse(await readFile(legacy, 'utf8'))).toEqual({ 'a.net': { registrytoken: 'secret' } });
    expect(await store.get('a.net')).toEqual({ registryToken: 'secret' });
  });

  const hostile: [string, string][] = [
    ['is no JSON', '{"auths": {"a.net": {"auth": "c2VjcmV0"'],
    ['is a list', '["c2VjcmV0"]'],
    ['has auths of another type', '{"auths": ["c2VjcmV0"]}'],
    ['has an entry of another type', '{"auths": {"a.net": "c2VjcmV0"}}'],
    ['has an auth that is a number', '{"auths": {"a.net": {"auth": 7}}}'],
    ['has an auth without a colon', '{"auths": {"a.net": {"auth": "c2VjcmV0"}}}'],
    ['has credsStore of another type', '{"credsStore": {}}'],
  ];
  it.each(hostile)('one that %s is named, and not quoted', async (_name, text) => {
    const store = await open(text);
    const error: unknown = await store.get('a.net').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: Code.InvalidArgument, message: expect.stringContaining(path) });
    expect(JSON.stringify(error)).not.toMatch(/c2VjcmV0|secret/);
  });

  it('may hold keys of Object.prototype', async () => {
    const store = await open(
      '{"__proto__": {"auths": {"a.net": {"auth": "YTpi"}}}, "auths": {"__proto__": 5}}',
    );
    expect(await store.get('a.net')).toBeUndefined();
    await store.set('b.net', { username: 'me', password: 'secret' });
    expect(await readFile(path, 'utf8')).toContain('"__proto__"');
  });
});

describe('set and remove', () => {
  it('write a file that only its owner reads, keep the rest of it and leave no other file', async () => {
    const store = await open({ auths: { 'a.net': auth('a') }, HttpHeaders: { x: 'y' } });
    await chmod(path, 0o644);
    await store.set('b.net/team', { username: 'me', password: 'secret' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      auths: { 'a.net': auth('a'), 'b.net/team': auth('me') },
      HttpHeaders: { x: 'y' },
    });
    expect(await readdir(folder)).toEqual(['auth.json']);
    expect(await store.remove('a.net')).toBe(true);
    expect(await store.remove('a.net')).toBe(false);
    expect(await store.get('b.net/team/app')).toEqual(user('me'));
  });

  it('make missing folders for the owner alone', async () => {
    const deep = join(folder, 'a/b/auth.json');
    await loadAuth({ paths: [deep], env: {} }).set('a.net', { username: 'me', password: 'secret' });
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o700);
  });

  it('write through a link', async () => {
    const real = join(folder, 'real');
    await mkdir(real);
    await symlink(join(real, 'auth.json'), path);
    await writeFile(join(real, 'auth.json'), '{}');
    await loadAuth({ paths: [path], env: {} }).set('a.net', { username: 'me', password: 'secret' });
    expect(await readFile(join(real, 'auth.json'), 'utf8')).toContain('a.net');
  });

  it('remove Docker Hub under all its names', async () => {
    const store = await open({
      auths: { 'https://index.docker.io/v1/': auth('hub'), 'docker.io': auth('hub') },
    });
    expect(await store.remove('docker.io')).toBe(true);
    expect(await store.get('docker.io')).toBeUndefined();
  });

  it('refuse what is no registry, and a user name with a colon', async () => {
    const store = await open({});
    for (const name of ['', '../etc', 'a.net/../b', 'http://a.net', 'a.net:tag', 'a b']) {
      await expect(store.get(name)).rejects.toMatchObject({ code: Code.InvalidArgument });
    }
    await expect(store.set('a.net', { username: 'a:b', password: 'secret' })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });
});

describe('credential helpers', () => {
  it('are asked through stdin, by host and as the store of the file', async () => {
    await installHelper('test');
    const store = await open({
      credHelpers: { 'known.net': 'test', 'token.net': 'test' },
      credsStore: 'test',
    });
    expect(await store.get('known.net/team/app')).toEqual(user('helped'));
    expect(await store.get('token.net')).toEqual({ identityToken: 'secret' });
    expect(await store.get('docker.io/library/busybox')).toEqual(user('hub'));
    expect(await store.get('unknown.net')).toBeUndefined();
    expect((await readFile(join(folder, 'log'), 'utf8')).split('\n').slice(0, 2)).toEqual([
      'get|known.net',
      'get|token.net',
    ]);
  });

  it('keep and forget logins, with the secret in no argument', async () => {
    await installHelper('test');
    const store = await open({ credHelpers: { 'a.net': 'test' } });
    await store.set('a.net', { username: 'me', password: 'secret' });
    await store.remove('a.net');
    expect(await readFile(join(folder, 'log'), 'utf8')).toBe(
      'store|{"ServerURL":"a.net","Username":"me","Secret":"secret"}\nerase|a.net\n',
    );
    expect(await readFile(path, 'utf8')).not.toContain('secret');
  });

  it('that are missing become one warning each', async () => {
    const warnings: ConfigWarning[] = [];
    const store = await open(
      { credHelpers: { 'a.net': 'none' }, auths: { 'a.net': auth('file') } },
      warnings,
    );
    expect(await store.get('a.net')).toEqual(user('file'));
    expect(await store.get('a.net')).toEqual(user('file'));
    expect(warnings).toEqual([
      {
        file: path,
        message: 'the credential helper docker-credential-none is not installed',
      },
    ]);
  });

  it.each([
    ['broken.net', 'docker-credential-test get failed for "broken.net": it does not answer in JSON'],
    ['empty.net', 'docker-credential-test get failed for "empty.net": its answer has no Username and Secret'],
    ['failing.net', 'docker-credential-test get failed for "failing.net"'],
    ['hanging.net', 'docker-credential-test get failed for "hanging.net": it did not answer within 300 ms'],
    ['endless.net', 'docker-credential-test get failed for "endless.net": its answer has no end'],
  ])(
    'that fail for %s are a warning that quotes nothing, and the next place is asked',
    async (name, message) => {
      await installHelper('test');
      const warnings: ConfigWarning[] = [];
      const document = { credHelpers: { [name]: 'test' }, auths: { [name]: auth('file') } };
      const store = await open(document, warnings, { helperTimeoutMs: 300 });
      expect(await store.get(name)).toEqual(user('file'));
      expect(warnings).toEqual([{ file: path, message }]);
    },
  );

  it('stop with the signal', async () => {
    await installHelper('test');
    const store = await open({ credHelpers: { 'hanging.net': 'test' } });
    const signal = AbortSignal.timeout(100);
    await expect(store.get('hanging.net', { signal })).rejects.toThrow();
  });

  it('are asked in the order of registries.conf, by host, around the files', async () => {
    await installHelper('test');
    const auths = { 'known.net/team': auth('file') };
    const first = await open({ auths }, [], { helpers: ['containers-auth.json', 'test'] });
    expect(await first.get('known.net/team/app')).toEqual(user('file'));
    expect(await first.get('known.net/other')).toEqual(user('helped'));
    const second = await open({ auths }, [], { helpers: ['test', 'containers-auth.json'] });
    expect(await second.get('known.net/team/app')).toEqual(user('helped'));
  });

  it('are listed with the files', async () => {
    await installHelper('test');
    const store = await open({
      auths: { 'a.net/team': auth('a'), 'known.net': auth('file'), 'token.net': { identitytoken: 'x' } },
      credHelpers: { 'other.net': 'test' },
    });
    expect([...(await store.list())]).toEqual([
      ['a.net/team', 'a'],
      ['known.net', 'file'],
      ['token.net', ''],
      ['other.net', 'other'],
    ]);
    const all = await open({ credsStore: 'test' });
    expect([...(await all.list())]).toEqual([
      ['known.net', 'helped'],
      ['token.net', ''],
      ['other.net', 'other'],
    ]);
  });

  it.each(['../../bin/sh', 'a/b', '', '-x', 'a b'])('with the name %j start no program', async (name) => {
    const store = await open({ credHelpers: { 'a.net': name } });
    const answer = await store.get('a.net').catch((error: unknown) => error);
    if (name === '') expect(answer).toBeUndefined();
    else expect(answer).toMatchObject({ code: Code.InvalidArgument });
  });
});
