// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodeJson, MediaType } from '@lading/image-spec';
import { createRegistryClient } from '@lading/registry-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeLayout } from './layout.ts';

const main = join(import.meta.dirname, '../src/main.ts');
const started: ChildProcess[] = [];
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-registry-program-'));
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'))
      await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(command: string, args: readonly string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const outcome = once(child, 'close').then(([code]) => ({
    code,
    stdout: out.join(''),
    stderr: err.join(''),
  }));
  return { child, outcome };
}

function serve(...args: readonly string[]) {
  return start(process.execPath, ['--conditions=@lading/source', main, 'serve', ...args]);
}

/** Starts the program and gives the host of the line that it prints. */
async function listening(...args: readonly string[]) {
  const { child, outcome } = serve('--addr', '127.0.0.1:0', ...args);
  if (child.stdout === null) throw new Error('the program has no stdout');
  const [line]: unknown[] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    outcome.then(({ stderr }) => {
      throw new Error(`lading-registry ended: ${stderr}`);
    }),
  ]);
  const host = /^listening on https?:\/\/(127\.0\.0\.1:\d+)$/.exec(String(line))?.[1];
  if (host === undefined) throw new Error(`unexpected line: ${line}`);
  return { child, outcome, host };
}

async function skopeo(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await start('skopeo', args).outcome.catch(() => {
    throw new Error('skopeo is missing: install Debian package skopeo');
  });
  if (code !== 0) throw new Error(`skopeo ${args.join(' ')}: ${stderr}`);
  return stdout;
}

describe('lading-registry serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('prints one line and ends with 0 on %s', async (signal) => {
    const { child, outcome, host } = await listening();
    expect((await fetch(`http://${host}/v2/`)).status).toBe(200);
    child.kill(signal);
    expect(await outcome).toEqual({ code: 0, stdout: `listening on http://${host}\n`, stderr: '' });
  });

  it('takes images from skopeo, gives them back, and serves them again after a restart', async () => {
    const digest = await writeLayout(join(folder, 'image'));
    const root = join(folder, 'root');
    const first = await listening('--root', root);
    await skopeo(
      'copy',
      '--dest-tls-verify=false',
      `oci:${folder}/image:latest`,
      `docker://${first.host}/demo/hello:latest`,
    );
    first.child.kill('SIGTERM');
    expect((await first.outcome).code).toBe(0);

    const second = await listening('--root', root);
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
    await writeLayout(join(folder, 'image'));
    const { host } = await listening('--root', join(folder, 'root'));
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

  it('loses nothing but unfinished uploads when it is killed', async () => {
    const root = join(folder, 'root');
    const first = await listening('--root', root);
    await using client = createRegistryClient({ tlsVerify: false });
    const manifest = encodeJson({ schemaVersion: 2, manifests: [] });
    const pushed = await client
      .repository(`${first.host}/demo`)
      .manifests.push(manifest, { mediaType: MediaType.ImageIndex, tag: 'v1' });
    await fetch(`http://${first.host}/v2/demo/blobs/uploads/`, { method: 'POST' });
    first.child.kill('SIGKILL');
    await first.outcome;

    const second = await listening('--root', root);
    expect(await client.repository(`${second.host}/demo`).resolve('v1')).toEqual(pushed);
  });

  it('serves HTTPS with a certificate and a key', async () => {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const kind = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=t',
    ];
    const made = start('openssl', [
      'req',
      '-x509',
      ...kind,
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      cert,
    ]);
    expect((await made.outcome).code).toBe(0);
    const { host } = await listening('--tls-cert', cert, '--tls-key', key);
    const ca = await readFile(cert, 'utf8');
    await using client = createRegistryClient({ tls: () => ({ ca }) });
    await client.ping(host);
  });

  it('says in one line that the port is in use, and ends with 1', async () => {
    const { host } = await listening();
    expect(await serve('--addr', host).outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: `Error: cannot listen on ${host}: the port is in use, choose another\n`,
    });
  });

  it.each([
    { name: 'an address without a port', args: ['--addr', 'localhost'], says: '--addr localhost' },
    { name: 'a certificate without a key', args: ['--tls-cert', 'x'], says: '--tls-key' },
    { name: 'a file that is missing', args: ['--tls-cert', '/none', '--tls-key', '/none'], says: '/none' },
    { name: 'an argument', args: ['x'], says: 'takes no arguments' },
  ])('refuses $name', async ({ args, says }) => {
    const { code, stdout, stderr } = await serve(...args).outcome;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(says);
  });
});

describe('bin/lading-registry.js', () => {
  it('is executable', async () => {
    await access(join(import.meta.dirname, '../bin/lading-registry.js'), 1);
  });
});
