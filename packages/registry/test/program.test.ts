// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, copyFile, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { encodeJson, MediaType } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startTokenRegistry } from '../../../tools/test-support/token-registry.ts';
import { writeLayout } from './layout.ts';
import { listening, makeCertificate, makeFolder, output, serve, startProgram } from './program.ts';

const index = encodeJson({ schemaVersion: 2, manifests: [] });
const skopeo = (...args: readonly string[]) => output('skopeo', args);

describe('lading-registry serve', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'prints one line and ends with 0 on %s',
    async (signal) => {
      const { child, outcome, url } = await listening();
      expect((await fetch(`${url}/v2/`)).status).toBe(200);
      child.kill(signal);
      expect(await outcome).toEqual({ code: 0, stdout: `listening on ${url}\n`, stderr: '' });
    },
  );

  it('takes images from skopeo, gives them back, and serves them again after a restart', async () => {
    const folder = await makeFolder();
    const digest = await writeLayout(join(folder, 'image'));
    const root = join(folder, 'root');
    const first = await listening(['--root', root]);
    await skopeo(
      'copy',
      '--dest-tls-verify=false',
      `oci:${folder}/image:latest`,
      `docker://${first.host}/demo/hello:latest`,
    );
    first.child.kill('SIGTERM');
    expect((await first.outcome).code).toBe(0);

    const second = await listening(['--root', root]);
    await skopeo(
      'copy',
      '--src-tls-verify=false',
      `docker://${second.host}/demo/hello:latest`,
      `oci:${folder}/back:latest`,
    );
    expect(await readFile(join(folder, 'back/index.json'), 'utf8')).toContain(digest);
    await skopeo('delete', '--tls-verify=false', `docker://${second.host}/demo/hello:latest`);
    await expect(
      skopeo('inspect', '--tls-verify=false', `docker://${second.host}/demo/hello:latest`),
    ).rejects.toThrow(/manifest unknown|MANIFEST_UNKNOWN|does not have this manifest/);
  });

  it('keeps each repository as an OCI image layout that skopeo opens', async () => {
    const folder = await makeFolder();
    await writeLayout(join(folder, 'image'));
    const { host } = await listening(['--root', join(folder, 'root')]);
    await skopeo(
      'copy',
      '--dest-tls-verify=false',
      `oci:${folder}/image:latest`,
      `docker://${host}/demo/hello:v1`,
    );
    expect(await skopeo('inspect', `oci:${folder}/root/demo/hello/_layout:v1`)).toContain(
      '"Architecture": "amd64"',
    );
  });

  it('loses nothing when it is killed', async () => {
    const root = await makeFolder();
    const first = await listening(['--root', root]);
    await using client = createRegistryClient({ tlsVerify: false });
    const pushed = await client
      .repository(`${first.host}/demo`)
      .manifests.push(index, { mediaType: MediaType.ImageIndex, tag: 'v1' });
    await fetch(`${first.url}/v2/demo/blobs/uploads/`, { method: 'POST' });
    first.child.kill('SIGKILL');
    await first.outcome;

    const second = await listening(['--root', root]);
    expect(await client.repository(`${second.host}/demo`).resolve('v1')).toEqual(pushed);
  });

  it('says in one line that the port is in use, and ends with 1', async () => {
    const { host } = await listening();
    expect(await serve(['--addr', host]).outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: `Error: cannot listen on ${host}: the port is in use, choose another\n`,
    });
  });

  it('lets in only who is in the file of htpasswd, for metrics too', async () => {
    const file = join(await makeFolder(), 'users');
    await output('htpasswd', ['-bcB', file, 'anna', 'secret']);
    const { url: registry } = await listening(['--htpasswd', file]);
    const ask = async (path: string, headers = {}) => (await fetch(registry + path, { headers })).status;
    const authorization = `Basic ${btoa('anna:secret')}`;
    expect([await ask('/v2/'), await ask('/metrics')]).toEqual([401, 401]);
    expect([await ask('/v2/', { authorization }), await ask('/metrics', { authorization })]).toEqual([
      200, 200,
    ]);
  });

  it('shows no metrics when it is told so, and to web pages what it is told', async () => {
    const { url: registry } = await listening(['--metrics=false', '--cors-origin', 'https://a.example']);
    const response = await fetch(`${registry}/metrics`, { headers: { origin: 'https://a.example' } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      404,
      'https://a.example',
    ]);
  });

  it('refuses pushes into a folder that it only reads', async () => {
    const root = await makeFolder();
    const { url: registry } = await listening(['--root', root, '--read-only']);
    expect(await readdir(root)).toEqual([]);
    expect((await fetch(`${registry}/v2/a/blobs/uploads/`, { method: 'POST' })).status).toBe(405);
  });

  it('logs each request as a line, in which no client can write another', async () => {
    const { url: registry, child, outcome } = await listening(['--access-log']);
    const authorization = `Basic ${btoa('eve\n x:p')}`;
    await fetch(`${registry}/v2/a/manifests/v1?x=secret`, {
      headers: { authorization, 'user-agent': 'a"b\\' },
    });
    child.kill('SIGTERM');
    const { stderr } = await outcome;
    expect(stderr).toMatch(
      /^127\.0\.0\.1 - eve_x \[20\d\d-[\dT:.-]+Z\] "GET \/v2\/a\/manifests\/v1\?x=REDACTED HTTP\/1\.1" 404 \d+ "-" "a\\"b\\\\" [\d.]+ms\n$/,
    );
  });

  it('logs as JSON', async () => {
    const { url: registry, child, outcome } = await listening(['--access-log', '--log-format', 'json']);
    await fetch(`${registry}/v2/`);
    child.kill('SIGTERM');
    const { stderr } = await outcome;
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'info',
      msg: 'request',
      method: 'GET',
      url: '/v2/',
      route: 'base',
      status: 200,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('goes on when nobody reads what it prints any more', async () => {
    const { child, url: registry } = await listening(['--access-log']);
    child.stdout?.destroy();
    child.stderr?.destroy();
    for (let count = 0; count < 3; count++) expect((await fetch(`${registry}/v2/`)).status).toBe(200);
  });

  it.each([
    {
      name: 'the environment',
      told: async () => ({
        args: [],
        env: { REGISTRY_PROXY_USERNAME: 'anna', REGISTRY_PROXY_PASSWORD: 'secret' },
      }),
    },
    {
      name: 'a file',
      told: async () => {
        const file = join(await makeFolder(), 'credentials');
        await writeFile(file, 'anna:secret\n');
        await chmod(file, 0o600);
        return { args: ['--proxy-credentials', file], env: {} };
      },
    },
  ])('caches a registry whose password it has from $name', async ({ told }) => {
    await using upstream = await startTokenRegistry();
    await using client = createRegistryClient({
      tlsVerify: false,
      credentials: () => ({ username: 'anna', password: 'secret' }),
    });
    const pushed = await client
      .repository(`${upstream.host}/demo`)
      .manifests.push(index, { mediaType: MediaType.ImageIndex, tag: 'v1' });
    const { args, env } = await told();
    const { url: registry } = await listening(['--proxy', `http://${upstream.host}`, ...args], env);
    const response = await fetch(`${registry}/v2/demo/manifests/v1`);
    expect([response.status, response.headers.get('docker-content-digest')]).toEqual([200, pushed.digest]);
  });
});

describe('the end', () => {
  const begun = async (args: readonly string[]) => {
    const started = await listening(args);
    const [host = '', port = ''] = started.host.split(':');
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    socket.write(
      'PUT /v2/a/manifests/v1 HTTP/1.1\r\nhost: x\r\ncontent-type: application/vnd.oci.image.index.v1+json\r\n',
    );
    socket.write(`content-length: ${index.length}\r\nexpect: 100-continue\r\n\r\n`);
    const lines = createInterface({ input: socket });
    const answers = lines[Symbol.asyncIterator]();
    expect((await answers.next()).value).toBe('HTTP/1.1 100 Continue');
    await answers.next();
    return { ...started, port: Number(port), socket, answers };
  };

  /** The port is closed as soon as the end has begun. */
  const untilRefused = (port: number) =>
    expect
      .poll(
        () =>
          new Promise((resolve) => {
            const probe = connect(port, '127.0.0.1');
            probe.once('connect', () => resolve(probe.destroy() && 'open'));
            probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
          }),
        { timeout: 10_000 },
      )
      .toBe('ECONNREFUSED');

  it('comes when requests under way are answered, and nothing new is taken', async () => {
    const { child, outcome, socket, answers, port } = await begun(['--grace-period', '1h']);
    child.kill('SIGTERM');
    await untilRefused(port);
    socket.write(index);
    expect((await answers.next()).value).toBe('HTTP/1.1 201 Created');
    expect(await outcome).toMatchObject({ code: 0, stderr: '' });
  });

  it('comes when the grace is over, with 0', async () => {
    const { child, outcome, socket } = await begun(['--grace-period', '50ms']);
    socket.on('error', () => undefined);
    child.kill('SIGTERM');
    expect(await outcome).toMatchObject({ code: 0, stderr: '' });
  });

  it('comes at once on a second signal, with 1', async () => {
    const { child, outcome, port, socket } = await begun(['--grace-period', '1h']);
    socket.on('error', () => undefined);
    child.kill('SIGTERM');
    await untilRefused(port);
    child.kill('SIGINT');
    expect(await outcome).toMatchObject({ code: 1, stderr: '' });
  });
});

describe('HTTPS', () => {
  const handshake = async (host: string, options: object) => {
    const [hostname, port] = host.split(':');
    const socket: TLSSocket = connectTls({
      host: hostname,
      port: Number(port),
      rejectUnauthorized: false,
      ...options,
    });
    try {
      await once(socket, 'secureConnect');
      return socket.getPeerX509Certificate()?.fingerprint256;
    } finally {
      socket.destroy();
    }
  };

  it('is served with a certificate and a key, to clients that speak TLS 1.2 or newer', async () => {
    const { cert, key, authority } = await makeCertificate();
    const { host } = await listening(['--tls-cert', cert, '--tls-key', key]);
    const ca = await readFile(join(authority, 'ca.crt'), 'utf8');
    await using client = createRegistryClient({ tls: () => ({ ca }) });
    await client.ping(host);
    expect(await handshake(host, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })).toMatch(/:/);
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
    await expect(handshake(host, old)).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    });
  });

  it.each([
    { name: 'SIGHUP', hangUp: true },
    { name: 'a change of the files', hangUp: false },
  ])(
    'shows a new certificate after $name, and the old one while the new one does not fit',
    async ({ hangUp }) => {
      const [first, second] = [await makeCertificate(), await makeCertificate()];
      const { host, child, stderr } = await listening(['--tls-cert', first.cert, '--tls-key', first.key]);
      const before = await handshake(host, {});
      await rename(second.cert, first.cert);
      if (hangUp) child.kill('SIGHUP');
      await expect
        .poll(stderr, { timeout: 20_000 })
        .toContain('the TLS certificate and key cannot be used together');
      expect(await handshake(host, {})).toBe(before);
      await copyFile(second.key, first.key);
      if (hangUp) child.kill('SIGHUP');
      await expect.poll(() => handshake(host, {}), { timeout: 20_000 }).not.toBe(before);
    },
  );

  it('is not what a registry in the clear can change to', async () => {
    await using server = await startRegistry();
    expect(() => server.renewTls({ cert: '', key: '' })).toThrow('it has no certificate');
    await expect(startRegistry({ tls: { cert: 'x', key: 'y' } })).rejects.toThrow('cannot be used together');
  });
});

describe('lading-registry garbage-collect', () => {
  const collect = (...args: readonly string[]) => startProgram(['garbage-collect', ...args]).outcome;
  const blob = 'nobody needs this';
  const digest = `sha256:${createHash('sha256').update(blob).digest('hex')}`;

  it('takes what no manifest needs, and says what it was', async () => {
    const root = await makeFolder();
    {
      await using server = await startRegistry({ root });
      const path = `/v2/a/blobs/uploads/?digest=${digest}`;
      expect((await fetch(server.url + path, { method: 'POST', body: blob })).status).toBe(201);
      expect(await collect('--root', root)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('is served'),
      });
    }
    const line = `blob a@${digest} ${blob.length}\n`;
    const nothing = { code: 0, stdout: '', stderr: '' };
    expect(await collect('--root', root)).toEqual(nothing);
    expect(await collect('--root', root, '--older-than', '0s', '-d')).toEqual({ ...nothing, stdout: line });
    expect(await collect('--root', root, '--older-than', '0s')).toEqual({ ...nothing, stdout: line });
    expect(await collect('--root', root, '--older-than', '0s')).toEqual(nothing);
  });

  it('makes no folder of a name that is wrong', async () => {
    const root = join(await makeFolder(), 'none');
    expect(await collect('--root', root)).toMatchObject({ code: 1, stderr: expect.stringContaining(root) });
    await expect(access(root)).rejects.toThrow();
    expect(await collect()).toMatchObject({ code: 1, stderr: expect.stringContaining('--root is missing') });
  });
});

describe('bin/lading-registry.js', () => {
  it('is executable', async () => {
    await access(join(import.meta.dirname, '../bin/lading-registry.js'), 1);
  });
});
