// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runLading } from '../src/index.ts';
import { execute } from './table/execute.ts';

const results = [
  {
    name: 'library/alpine',
    description: 'Small, and with a description that is too long for a table',
    star_count: 9000,
    is_official: true,
    is_automated: false,
  },
  {
    name: 'bob/app',
    description: 'two\nlines',
    star_count: 3,
    is_official: false,
    is_automated: true,
  },
  { name: 'carl/app', description: '', star_count: 0, is_official: false, is_automated: false },
];

let server: Server;
let host: string;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lading-search-'));
  server = createServer(({ url = '' }, response) => {
    if (url === '/v2/') return response.end('{}');
    const { pathname, searchParams } = new URL(url, 'http://host');
    if (pathname !== '/v1/search') response.statusCode = 404;
    return response.end(
      JSON.stringify(
        searchParams.get('q') === 'evil'
          ? { results: [{ name: 'a\u001b[2J', description: '\u001b]0;x\u0007' }] }
          : { results },
      ),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  host = `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(dir, { recursive: true, force: true });
});

async function lading(words: readonly string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const code = await runLading(['search', '--tls-verify=false', ...words], {
    stdin: (async function* () {})(),
    stdinIsTerminal: false,
    stdout: (text) => {
      out += String(text);
    },
    stderr: () => {},
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    env: { LADING_ROOT: join(dir, 'root'), LADING_RUNROOT: join(dir, 'run') },
    cwd: '/',
    signal: new AbortController().signal,
  });
  return { code, out };
}

async function podman(words: readonly string[]): Promise<{ code: number; out: string }> {
  const roots = ['root', 'runroot', 'tmpdir'].flatMap((name) => [`--${name}`, join(dir, name)]);
  const command = ['podman', ...roots, 'search', '--tls-verify=false', ...words];
  const { code, out } = await execute(command, { PATH: process.env.PATH ?? '', HOME: dir }, dir);
  return { code, out };
}

it.each([
  [[]],
  [['--no-trunc', '--compatible']],
  [['--limit', '2']],
  [['--filter', 'stars=3']],
  [['--filter', 'is-official=true,is-automated=false']],
  [['--filter', 'is-automated']],
  [['--format', 'json']],
  [['--format', '{{.Index}} {{.Name}} {{.Description}} {{.Stars}} {{.Official}} {{.Automated}}']],
  [['--format', 'table {{.Name}} {{.Stars}}']],
])('a registry that searches is asked as podman asks it: %j', async (words) => {
  const expected = await podman([...words, `${host}/app`]);
  expect(expected.out).toContain(`${host}/`);
  expect(await lading([...words, `${host}/app`])).toEqual(expected);
});

it('what a registry has found cannot write to the terminal', async () => {
  const { out } = await lading([`${host}/evil`]);
  expect(out).toContain(`${host}/a`);
  expect(out.includes('\u001b') || out.includes('\u0007')).toBe(false);
});
