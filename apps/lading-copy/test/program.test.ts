// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeTestImage } from '@lading/image-copy/conformance';
import { digestHex } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { ladingCopy, later, makeFolder, put, self, startDockerRegistry, tool } from './world.ts';

async function startLadingRegistry(login?: string): Promise<string> {
  const expected = `Basic ${Buffer.from(login ?? '').toString('base64')}`;
  const registry = await startRegistry({
    authorize: (request) =>
      login === undefined || request.headers.authorization === expected
        ? undefined
        : { challenge: 'Basic realm="registry"' },
  });
  later(() => registry.close());
  return registry.host;
}

describe('copy', () => {
  it('writes the reference by digest on stdout, a line a step on stderr, and the digest in a file', async () => {
    const cwd = await makeFolder();
    const image = await makeTestImage({ seed: 'x', layers: 1 });
    await put(image, `oci:${cwd}/in:x`);
    const { code, stdout, stderr } = await ladingCopy(cwd, [
      'copy',
      '--digestfile',
      'digest',
      'oci:in:x',
      'oci:out:x',
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `oci:out:@${image.top.digest}\n` });
    expect(stderr.split('\n')).toEqual([
      `Copying blob ${image.layers[0]?.digest}`,
      `Copying config ${image.config.digest}`,
      'Writing manifest to image destination',
      '',
    ]);
    expect(await readFile(join(cwd, 'digest'), 'utf8')).toBe(image.top.digest);
    const again = await ladingCopy(cwd, ['copy', 'oci:in:x', 'oci:out:x']);
    expect(again.stderr).toContain(`Copying blob ${image.layers[0]?.digest} skipped: already exists\n`);
    const quiet = await ladingCopy(cwd, ['copy', '-q', 'oci:in:x', 'oci:other:x']);
    expect(quiet).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('converts to the format that is asked for, and refuses two wishes at once', async () => {
    const cwd = await makeFolder();
    await put(await makeTestImage({ seed: 'x' }), `oci:${cwd}/in:x`);
    expect(await ladingCopy(cwd, ['copy', '-q', '--format', 'v2s2', 'oci:in:x', 'dir:out'])).toMatchObject({
      code: 0,
    });
    expect(await readFile(join(cwd, 'out/manifest.json'), 'utf8')).toContain(
      'vnd.docker.distribution.manifest.v2',
    );
    for (const wrong of [
      ['--format', 'v2s9'],
      ['--all', '--multi-arch', 'all'],
      ['--multi-arch', 'some'],
    ]) {
      const { code, stderr } = await ladingCopy(cwd, ['copy', ...wrong, 'oci:in:x', 'dir:other']);
      expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 1, lines: 1 });
    }
  });

  it('writes to a registry without a tag, to be had by digest alone', async () => {
    const cwd = await makeFolder();
    const { top } = await makeTestImage({ seed: 'no tag' });
    await put(await makeTestImage({ seed: 'no tag' }), `oci:${cwd}/in:x`);
    const host = await startDockerRegistry();
    const name = `docker://${host}/team/app`;
    const copy = (...argv: string[]) => ladingCopy(cwd, ['copy', '--dest-tls-verify=false', ...argv]);
    const written = await copy('oci:in:x', `${name}@@unknown-digest@@`);
    expect(written).toMatchObject({ code: 0, stdout: `${name}@${top.digest}\n` });
    const tags = await fetch(`http://${host}/v2/team/app/tags/list`);
    expect(await tags.text()).toContain('NAME_UNKNOWN');
    const read = await tool(cwd, 'skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `${name}@${top.digest}`,
    ]);
    expect(read.stdout).toBe(Buffer.from(top.bytes).toString());
    const along = await copy('--referrers', '-q', 'oci:in:x', `${name}@@unknown-digest@@`);
    expect(along).toEqual({ code: 0, stdout: '', stderr: '' });
    for (const [argv, why] of [
      [['oci:in:x', `${name}:1@@unknown-digest@@`], 'has a tag and @@unknown-digest@@'],
      [['oci:in:x', `${name}@${top.digest}@@unknown-digest@@`], 'has a digest and @@unknown-digest@@'],
      [[`${name}@@unknown-digest@@`, 'oci:out:x'], 'names no image'],
      [['--sign-by', 'me', 'oci:in:x', `${name}@@unknown-digest@@`], 'gives the image no name to sign'],
    ] as const) {
      const { code, stderr } = await copy(...argv);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(why) });
    }
  });

  it('fails for a tampered and for a truncated blob, and leaves no entry', async () => {
    const cwd = await makeFolder();
    const image = await makeTestImage({ seed: 'x' });
    await put(image, `oci:${cwd}/in:x`);
    const path = join(cwd, 'in/blobs/sha256', digestHex(image.layers[1]?.digest ?? image.config.digest));
    const bytes = await readFile(path);
    await writeFile(
      path,
      bytes.map((byte, i) => (i === 20 ? byte ^ 1 : byte)),
    );
    const tampered = await ladingCopy(cwd, ['copy', '-q', 'oci:in:x', 'oci:out:x']);
    expect(tampered.code).toBe(1);
    expect(tampered.stderr).toMatch(
      /^Error: reading oci:in:x: sha256:\w+: the bytes have the digest sha256:\w+; the source is damaged: .+\n$/,
    );
    await truncate(path, 20);
    const truncated = await ladingCopy(cwd, ['copy', '-q', 'oci:in:x', 'oci:out:x']);
    expect(truncated.code).toBe(1);
    expect(truncated.stderr).toMatch(
      /^Error: reading oci:in:x: the blob sha256:\w+ has 20 bytes instead of \d+; the source is damaged: .+\n$/,
    );
    const left = await readdir(join(cwd, 'out'), { recursive: true });
    expect(left.filter((name) => name === 'index.json' || name.includes('.lading-'))).toEqual([]);
  });

  it('that is interrupted leaves no half file and no entry', async () => {
    const [host, cwd] = [await startLadingRegistry(), await makeFolder()];
    await put(await makeTestImage({ seed: 'x' }), `docker://${host}/team/app:1`);
    const abort = new AbortController();
    const running = ladingCopy(
      cwd,
      ['copy', '--src-tls-verify=false', `docker://${host}/team/app:1`, 'oci:out:x'],
      {
        signal: abort.signal,
      },
    );
    abort.abort(new DOMException('stopped by SIGINT', 'AbortError'));
    const { code, stderr } = await running;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Error: copying docker://${host}/team/app:1 to oci:out:x was canceled\n`,
    });
    expect(await readdir(cwd)).toEqual([]);
  });

  it('does not speak plain HTTP unless it may', async () => {
    const [host, cwd] = [await startLadingRegistry(), await makeFolder()];
    await put(await makeTestImage({ seed: 'x' }), `docker://${host}/team/app:1`);
    const { code, stderr } = await ladingCopy(cwd, ['copy', `docker://${host}/team/app:1`, 'oci:out:x']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: reading docker:.*\n$/);
    await writeFile(join(cwd, 'registries.conf'), `[[registry]]\nlocation = "${host}"\ninsecure = true\n`);
    const allowed = await ladingCopy(cwd, [
      ...['--registries-conf', join(cwd, 'registries.conf')],
      ...['copy', '-q', `docker://${host}/team/app:1`, 'oci:out:x'],
    ]);
    expect(allowed).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('follows registries.conf to another place, and not to a blocked one', async () => {
    const [host, cwd] = [await startLadingRegistry(), await makeFolder()];
    await put(await makeTestImage({ seed: 'x' }), `docker://${host}/mirror/team/app:1`);
    const conf = join(cwd, 'registries.conf');
    await writeFile(
      conf,
      `[[registry]]\nprefix = "example.com"\nlocation = "${host}/mirror"\ninsecure = true
       [[registry]]\nlocation = "blocked.example.com"\nblocked = true\n`,
    );
    const copy = (from: string) =>
      ladingCopy(cwd, ['--registries-conf', conf, 'copy', '-q', from, 'oci:out:x']);
    expect(await copy('docker://example.com/team/app:1')).toMatchObject({ code: 0, stderr: '' });
    expect(await copy('docker://blocked.example.com/team/app:1')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Error: reading docker://blocked.example.com/team/app:1: registries.conf blocks this registry\n',
    });
  });
});

describe('mistakes', () => {
  const cases: [readonly string[], number, RegExp][] = [
    [['nonsense'], 1, /^Error: unrecognized command `lading-copy nonsense`\nTry 'lading-copy --help'/],
    [['copy', 'oci:a'], 1, /^Error: Exactly two arguments expected\n$/],
    [['copy', '--nonsense', 'a', 'b'], 1, /^Error: unknown flag: --nonsense\n/],
    [
      ['copy', 'foo:bar', 'oci:x'],
      1,
      /^Error: reading foo:bar: invalid image name "foo:bar": unknown transport "foo"/,
    ],
    [['copy', 'oci:none:x', 'oci:x'], 1, /^Error: reading oci:none:x: the index of the layout is not there/],
    [['inspect', 'oci:none:x'], 1, /^Error: reading oci:none:x: /],
    [['list-tags', 'oci:none:x'], 1, /^Error: Unsupported transport 'oci' for tag listing/],
    [['list-tags', 'docker://a.net/b:1'], 1, /^Error: No tag or digest allowed in reference\n$/],
    [['manifest-digest', 'none'], 1, /^Error: cannot read the manifest none: ENOENT\n$/],
    [['logout', 'a.net'], 1, /^Error: not logged into a\.net\n$/],
    [['login'], 1, /^Error: please provide a registry to log in to\n$/],
    [['--progress=fancy', 'copy', 'dir:a', 'dir:b'], 1, /^Error: unknown progress "fancy": choose one of/],
    [
      ['--log-format=xml', 'inspect', 'dir:a'],
      1,
      /^Error: unknown log format "xml": choose one of text, json\n$/,
    ],
  ];
  it.each(cases)('%j', async (argv, expected, message) => {
    const { code, stdout, stderr } = await ladingCopy(await makeFolder(), argv);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('--command-timeout', () => {
  it.each([
    ['copy -q --src-tls-verify=false docker://$R/app:1 dir:out'],
    ['copy -q --src-tls-verify=false --retry-times 9 --retry-delay 1h docker://127.0.0.1:1/app:1 dir:out'],
    ['inspect --tls-verify=false docker://$R/app:1'],
    ['list-tags --tls-verify=false docker://$R/app'],
    ['sync --src docker --dest dir --src-tls-verify=false $R/app out'],
  ])('says itself that it ended %s', async (line) => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    later(async () => {
      silent.closeAllConnections();
      silent.close();
    });
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const argv = ['--insecure-policy', '--command-timeout', '300ms', ...line.replace('$R', host).split(' ')];
    const { code, stdout, stderr } = await ladingCopy(await makeFolder(), argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^Error: .+: it took longer than --command-timeout allows \(0\.3 s\)$/,
    );
  });
});

describe('login', () => {
  it('keeps a login that the registry takes, for the commands that follow', async () => {
    const [host, cwd] = [await startLadingRegistry('me:secret'), await makeFolder()];
    const login = (password: string) =>
      ladingCopy(cwd, ['login', '--tls-verify=false', '-u', 'me', '--password-stdin', host], {
        stdin: `${password}\n`,
      });
    const refused = await login('wrong');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).not.toContain('wrong');
    expect(await login('secret')).toEqual({ code: 0, stdout: 'Login Succeeded!\n', stderr: '' });
    expect(await ladingCopy(cwd, ['login', '--get-login', host])).toMatchObject({ stdout: 'me\n' });
    await put(await makeTestImage({ seed: 'x' }), `oci:${cwd}/in:x`);
    const to = `docker://${host}/team/app:1`;
    expect(await ladingCopy(cwd, ['copy', '-q', '--dest-tls-verify=false', 'oci:in:x', to])).toMatchObject({
      code: 0,
    });
    expect(await ladingCopy(cwd, ['inspect', '--tls-verify=false', '--no-creds', to])).toMatchObject({
      code: 1,
    });
    expect(
      await ladingCopy(cwd, ['inspect', '--tls-verify=false', '--creds', 'me:secret', to]),
    ).toMatchObject({ code: 0 });
    expect(await ladingCopy(cwd, ['logout', host])).toMatchObject({ code: 0 });
    expect(await ladingCopy(cwd, ['inspect', '--tls-verify=false', to])).toMatchObject({ code: 1 });
  });
});

describe('the program', () => {
  it('runs on its own', async () => {
    const [node = '', ...words] = self;
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(node, [...words, '--version'], (error, text) =>
        error === null ? resolve(text) : reject(error),
      );
    });
    expect(stdout).toMatch(/^lading-copy version \d+\.\d+\.\d+\n$/);
  });
});
