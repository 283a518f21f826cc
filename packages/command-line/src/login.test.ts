// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { type Login, type LoginOptions, runLogin, runLogout } from './login.ts';
import { runProgram } from './run-program.ts';
import type { CommandSpec } from './spec.ts';

const flags: NonNullable<CommandSpec['flags']> = [
  { name: 'get-login', kind: 'boolean', help: '' },
  { name: 'password', kind: 'string', help: '' },
  { name: 'password-stdin', kind: 'boolean', help: '' },
  { name: 'username', kind: 'string', help: '' },
  { name: 'verbose', kind: 'boolean', help: '' },
  { name: 'all', kind: 'boolean', help: '' },
];

interface Told {
  readonly words: string;
  readonly stdin?: string;
  readonly known?: ReadonlyMap<string, Login | { readonly token: string }>;
  readonly failure?: LadingError;
  /** Whether the store forgets what it is told to. */
  readonly keeps?: boolean;
}

async function tell({ words, stdin = '', known = new Map(), failure, keeps = false }: Told) {
  const kept = new Map(known);
  const asked: object[] = [];
  const options: LoginOptions<Login | { readonly token: string }> = {
    store: {
      get: async (key) => kept.get(key),
      set: async (key, login) => {
        kept.set(key, login);
        return '/auth.json';
      },
      remove: async (key) => !keeps && kept.delete(key),
      removeAll: async () => kept.clear(),
    },
    signal: new AbortController().signal,
    parseRegistry: (text) => ({ key: text, host: text.split('/')[0] ?? '' }),
    ping: async (_host, login) => {
      asked.push(login);
      if (failure !== undefined) throw failure;
    },
    showPlace: (place) => `.${place}`,
  };
  const command = (name: string, run: typeof runLogin): CommandSpec => ({
    name,
    summary: name,
    usage: name,
    flags,
    args: { min: 0 },
    load: async () => ({ run: (call) => run(call, options) }),
  });
  let out = '';
  let err = '';
  const code = await runProgram(
    {
      name: 'p',
      version: '1',
      summary: 'p',
      commands: [command('login', runLogin), command('logout', runLogout)],
      exitCode: () => 1,
    },
    words.split(' '),
    {
      stdin: (async function* () {
        yield Buffer.from(stdin);
      })(),
      stdinIsTerminal: false,
      stdout: (text) => {
        out += String(text);
      },
      stderr: (text) => {
        err += String(text);
      },
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      env: {},
      cwd: '/',
      signal: options.signal,
    },
  );
  return { code, out, err, kept, asked };
}

const me = { username: 'me', password: 'secret' };
const refused = new LadingError(Code.Unauthenticated, 'no');

describe('login', () => {
  it('keeps what the registry takes', async () => {
    const { code, out, kept, asked } = await tell({
      words: 'login --username me --password secret --verbose h/team',
    });
    expect({ code, out }).toEqual({ code: 0, out: 'Used:  ./auth.json\nLogin Succeeded!\n' });
    expect(asked).toEqual([me]);
    expect(kept.get('h/team')).toEqual(me);
  });

  it('takes the password from stdin, without ends of lines', async () => {
    const { kept } = await tell({ words: 'login --username me --password-stdin h', stdin: 'sec\r\nret\n' });
    expect(kept.get('h')).toEqual(me);
  });

  it('is content with a login that is there', async () => {
    const { code, out } = await tell({ words: 'login h', known: new Map([['h', me]]) });
    expect({ code, out }).toEqual({
      code: 0,
      out: 'Authenticating with existing credentials for h\nExisting credentials are valid. Already logged in to h\n',
    });
  });

  it('tells who is logged in, and of nobody', async () => {
    const known = new Map([['h', me]]);
    expect(await tell({ words: 'login --get-login h', known })).toMatchObject({ code: 0, out: 'me\n' });
    for (const key of ['x', 't']) {
      const others = new Map([['t', { token: 'x' }]]);
      const { err } = await tell({ words: `login --get-login ${key}`, known: others });
      expect(err).toContain(`not logged into ${key}`);
    }
  });

  it.each([
    ['a login that the registry refuses', { failure: refused }, /logging into "h": invalid username/],
    [
      'a registry that is not there',
      { failure: new LadingError(Code.Unavailable, 'gone') },
      /authenticating creds for "h": gone/,
    ],
  ])('keeps nothing for %s', async (_, told, message) => {
    const { code, err, kept } = await tell({ words: 'login --username me --password secret h', ...told });
    expect(code).toBe(1);
    expect(err).toMatch(message);
    expect(kept.size).toBe(0);
  });

  it.each([
    ['login', /please provide a registry/],
    ['login a b', /only one registry/],
    ['login --password-stdin h', /must provide --username/],
    ['login --username me --password x --password-stdin h', /can't specify both/],
    ['login h', /reading username: stdin has ended/],
    ['login --username me h', /./],
  ])('%s is a mistake', async (words, message) => {
    const { code, err } = await tell({ words, ...(words === 'login h' ? { stdin: '' } : {}) });
    expect(code).toBe(1);
    expect(err).toMatch(message);
  });

  it('does not read a password without end', async () => {
    const { err } = await tell({
      words: 'login --username me --password-stdin h',
      stdin: 'x'.repeat(70_000),
    });
    expect(err).toContain('longer than 64 KiB');
  });
});

describe('logout', () => {
  const known = new Map([
    ['h', me],
    ['x', me],
  ]);

  it('forgets one login, or all', async () => {
    const one = await tell({ words: 'logout h', known });
    expect([...one.kept.keys(), one.out]).toEqual(['x', 'Removed login credentials for h\n']);
    const all = await tell({ words: 'logout --all', known });
    expect([all.kept.size, all.out]).toEqual([0, 'Removed login credentials for all registries\n']);
  });

  it('says where a login is that it cannot forget', async () => {
    const { code, out } = await tell({ words: 'logout h', known, keeps: true });
    expect(code).toBe(0);
    expect(out).toMatch(/^Not logged into h with current tool\./);
    expect((await tell({ words: 'logout h', known, keeps: true, failure: refused })).err).toMatch(
      /not logged into h/,
    );
  });

  it.each([
    ['logout', /please provide a registry/],
    ['logout a b', /only one registry/],
    ['logout --all h', /takes no arguments/],
    ['logout other', /not logged into other/],
  ])('%s is a mistake', async (words, message) => {
    const { code, err } = await tell({ words, known });
    expect(code).toBe(1);
    expect(err).toMatch(message);
  });
});
