// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../tools/test-support/docker-registry.ts';
import { startScripted } from './scripted-server.ts';

let folder = '';
let tls = { cert: '', key: '' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-registry-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  run('openssl', 'openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert]);
  tls = { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a registry under TLS with a certificate of its own', () => {
  it('is refused by default, with advice', async () => {
    await using registry = await startRegistry({ tls });
    await using client = createRegistryClient();
    await expect(client.ping(registry.host)).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it('is taken with its authority', async () => {
    await using registry = await startRegistry({ tls });
    await using client = createRegistryClient({ tls: () => ({ ca: tls.cert }) });
    await client.ping(registry.host);
  });

  it('is taken without verification', async () => {
    await using registry = await startRegistry({ tls });
    await using client = createRegistryClient({ tlsVerify: false });
    await client.ping(registry.host);
  });
});

describe('a registry without TLS', () => {
  it('is refused by default, with advice', async () => {
    await using registry = await startRegistry();
    await using client = createRegistryClient();
    await expect(client.ping(registry.host)).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      message: expect.stringContaining('tlsVerify: false'),
    });
  });

  it('is taken where its host is named as one', async () => {
    await using registry = await startRegistry();
    await using client = createRegistryClient({ tlsVerify: (host) => host !== registry.host });
    await client.ping(registry.host);
  });
});

it('a port that nobody listens on is said once, without retries', async () => {
  const gone = await startRegistry();
  await gone.close();
  await using client = createRegistryClient({ tlsVerify: false });
  await expect(client.ping(gone.host)).rejects.toMatchObject({
    code: Code.Unavailable,
    reason: 'ECONNREFUSED',
  });
});

it('each warning of a registry is handed on once, without control characters', async () => {
  const warning = ['299 - "move to \\"new\\" \u009b1m"', '199 - "not for people"', '299 - "and soon"'];
  await using server = await startScripted((_, response) => {
    response.setHeader('warning', warning).writeHead(404).end();
  });
  const texts: string[] = [];
  await using client = createRegistryClient({ tlsVerify: false, onWarning: ({ text }) => texts.push(text) });
  for (const tag of ['a', 'b']) {
    await expect(client.repository(`${server.host}/demo`).resolve(tag)).rejects.toMatchObject({
      code: Code.NotFound,
    });
  }
  expect(texts).toEqual(['move to "new" 1m', 'and soon']);
});

describe('a list of tags', () => {
  it('goes on over the pages that the registry links', async () => {
    await using server = await startScripted((request, response) => {
      const second = request.url?.includes('last=b');
      if (!second) response.setHeader('link', '</v2/demo/tags/list?n=2&last=b>; rel="next"');
      response.end(JSON.stringify({ name: 'demo', tags: second ? ['c'] : ['a', 'b'] }));
    });
    await using client = createRegistryClient({ tlsVerify: false });
    expect(await Array.fromAsync(client.repository(`${server.host}/demo`).tags())).toEqual(['a', 'b', 'c']);
  });

  it('ends when the pages lead in a circle', async () => {
    await using server = await startScripted((_, response) => {
      response.setHeader('link', '</v2/demo/tags/list?n=1>; rel="next"').end('{"tags":["a"]}');
    });
    await using client = createRegistryClient({ tlsVerify: false });
    expect(await Array.fromAsync(client.repository(`${server.host}/demo`).tags())).toEqual(['a', 'a']);
  });

  it('does not follow a page to another host', async () => {
    await using server = await startScripted((_, response) => {
      response.setHeader('link', '<http://127.0.0.9/v2/demo/tags/list>; rel="next"').end('{"tags":["a"]}');
    });
    await using client = createRegistryClient({ tlsVerify: false });
    await expect(Array.fromAsync(client.repository(`${server.host}/demo`).tags())).rejects.toMatchObject({
      reason: 'UNEXPECTED_RESPONSE',
    });
  });
});
