// SPDX-License-Identifier: Apache-2.0
import { type Environment, runProgram } from '@lading/command-line';
import { describe, expect, it } from 'vitest';
import { registryProgram } from './program.ts';

/** Runs `serve` in this process, with words that do not let it come to serving. */
async function run(args: readonly string[], env: Environment['env'] = {}) {
  let [stdout, stderr] = ['', ''];
  const environment: Environment = {
    stdin: (async function* () {})(),
    stdinIsTerminal: false,
    stdout: (data) => {
      stdout += Buffer.from(data).toString();
    },
    stderr: (data) => {
      stderr += Buffer.from(data).toString();
    },
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    env,
    cwd: '/',
    signal: AbortSignal.abort(),
  };
  const code = await runProgram(
    registryProgram('0'),
    ['serve', '--addr', '127.0.0.1:0', ...args],
    environment,
  );
  return { code, stdout, stderr };
}

describe('lading-registry serve', () => {
  const url = 'https://registry.example.com';
  it.each([
    { name: 'an address without a port', args: ['--addr', 'localhost'], says: '--addr localhost' },
    { name: 'a certificate without a key', args: ['--tls-cert', 'x'], says: '--tls-key' },
    { name: 'a file that is missing', args: ['--tls-cert', '/none', '--tls-key', '/none'], says: '/none' },
    { name: 'a password file that is missing', args: ['--htpasswd', '/none'], says: '/none' },
    { name: 'an argument', args: ['x'], says: 'takes no arguments' },
    { name: 'an empty name of a folder', args: ['--root', ''], says: '--root must not be empty' },
    { name: 'a read-only registry in memory', args: ['--read-only'], says: '--read-only needs --root' },
    {
      name: 'a cache that is read-only',
      args: ['--read-only', '--root', 'x', '--proxy', url],
      says: 'do not go together',
    },
    { name: 'a TTL without a cache', args: ['--proxy-ttl', '1h'], says: '--proxy-ttl needs --proxy' },
    {
      name: 'a namespace without a cache',
      args: ['--proxy-ns', 'quay.io'],
      says: '--proxy-ns needs --proxy',
    },
    { name: 'a password without a cache', args: ['--proxy-credentials', 'x'], says: 'needs --proxy' },
    { name: 'a negative TTL', args: ['--proxy', url, '--proxy-ttl', '-1s'], says: 'must not be negative' },
    { name: 'a cache of no URL', args: ['--proxy', 'quay.io'], says: 'write the URL' },
    { name: 'a cache of a path', args: ['--proxy', `${url}/v2/`], says: 'without a path' },
    {
      name: 'a cache of a namespace that is a URL',
      args: ['--proxy', url, '--proxy-ns', url],
      says: 'HOST:PORT',
    },
    { name: 'an origin that is none', args: ['--cors-origin', 'example.com'], says: 'is not an origin' },
    { name: 'all origins and one', args: ['--cors-origin', '*', '--cors-origin', url], says: 'every origin' },
    { name: 'another form of log', args: ['--log-format', 'xml'], says: 'text or json' },
    {
      name: 'a garbage collection of what is only read',
      args: ['--gc-interval', '1h', '--read-only', '--root', 'x'],
      says: 'nothing becomes garbage',
    },
    { name: 'a garbage collection all the time', args: ['--gc-interval', '1ms'], says: '--gc-interval' },
    { name: 'a negative grace', args: ['--grace-period', '-1s'], says: 'must not be negative' },
  ])('refuses $name', async ({ args, says }) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(says);
    expect(stderr.trimEnd().split('\n').length).toBeLessThan(3);
  });

  it('does not repeat a password that was written into a command line', async () => {
    const { code, stderr } = await run(['--proxy', 'https://anna:hunter2@registry.example.com']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('--proxy-credentials')]);
    expect(stderr).not.toContain('hunter2');
  });

  it('tells of all its flags, with examples', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of ['--htpasswd', '--proxy-ttl', 'REGISTRY_PROXY_PASSWORD', 'htpasswd -Bc users anna']) {
      expect(stdout).toContain(word);
    }
  });

  it('takes one way to the password of the cached registry', async () => {
    const { code, stderr } = await run(['--proxy', url, '--proxy-credentials', 'x'], {
      REGISTRY_PROXY_USERNAME: 'anna',
      REGISTRY_PROXY_PASSWORD: 'hunter2',
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('do not go together')]);
    expect(stderr).not.toContain('hunter2');
  });

  it.each(['REGISTRY_PROXY_USERNAME', 'REGISTRY_PROXY_PASSWORD'])(
    'wants more than %s alone',
    async (name) => {
      const { code, stderr } = await run(['--proxy', url], { [name]: 'hunter2' });
      expect([code, stderr]).toEqual([1, expect.stringContaining('go together')]);
    },
  );

  it('ends at once when it was asked to before it began', async () => {
    expect(await run([])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^listening on \S+\n$/),
      stderr: '',
    });
  });
});
