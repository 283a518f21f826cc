// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Authorize } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { codeOf, kinds, openWorld, sha256, type World } from './world.ts';

/**
 * Sends bytes as they are, which fetch would put right, and gives all that comes back. `ends`: nothing follows,
 * whatever the bytes promise.
 */
async function raw({ server }: World, text: string, ends = false): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const parts: string[] = [];
  socket.setEncoding('utf8').on('data', (part: string) => parts.push(part));
  socket.on('error', () => undefined); // a reset is an answer too
  const closed = new Promise((resolve) => socket.once('close', resolve));
  if (ends) socket.end(text);
  else socket.write(text);
  await closed;
  return parts.join('');
}

const head = 'Host: x\r\nConnection: close\r\n';

describe.each(kinds)('a registry $name', ({ onFolder }) => {
  it.each([
    'a/../b',
    'a%2f..%2f..%2fb',
    '..%2f..%2fetc',
    '%2e%2e',
    'a/%2e%2e/b',
    'a%00b',
    'a%0ab',
    'a%5c..%5cb',
    '_uploads',
    'a/_layout',
    '_owner',
    `${'a/'.repeat(127)}aa`,
    `${'a'.repeat(256)}`,
    '',
    '/',
    'a//b',
  ])('takes no "%s" for a repository', async (name) => {
    await using world = await openWorld(onFolder);
    for (const [method, path] of [
      ['POST', `${name}/blobs/uploads/`],
      ['PUT', `${name}/manifests/v1`],
      ['GET', `${name}/blobs/${sha256('x')}`],
      ['DELETE', `${name}/manifests/v1`],
      ['GET', `${name}/tags/list`],
      ['GET', `${name}/referrers/${sha256('x')}`],
    ]) {
      // fetch would take the dots out of a path.
      const body = method === 'GET' || method === 'DELETE' ? '\r\n' : 'Content-Length: 1\r\n\r\nx';
      const answer = await raw(world, `${method} /v2/${path} HTTP/1.1\r\n${head}${body}`);
      expect(answer).toMatch(/^HTTP\/1\.1 (?:400|404) /);
      expect(answer).toMatch(/NAME_INVALID|there is no such endpoint/);
    }
    if (world.root !== undefined) expect(await readdir(world.root)).toEqual(['_owner', '_uploads']);
  });

  it.each([
    'sha256:../../../../etc/passwd',
    `sha256:..%2f..%2f${'a'.repeat(58)}`,
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'a'.repeat(63)}%00`,
    `SHA256:${'a'.repeat(64)}`,
    `..%2fsha256:${'a'.repeat(64)}`,
    `sha1:${'a'.repeat(40)}`,
    `sha256:${'a'.repeat(300)}`,
    '__proto__',
    '..',
  ])('takes no "%s" for a digest', async (digest) => {
    await using world = await openWorld(onFolder);
    for (const path of [`blobs/${digest}`, `referrers/${digest}`, `manifests/${digest}`]) {
      const answer = await raw(world, `GET /v2/a/${path} HTTP/1.1\r\n${head}\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    }
    const location = await world.begin('a');
    expect((await world.ask('PUT', `${location}?digest=${digest}`, 'x')).status).toBe(400);
    expect((await world.ask('POST', `/v2/a/blobs/uploads/?mount=${digest}`)).status).toBe(400);
  });

  it.each(['..%2f..%2fetc', '..', 'x.json', '%00', 'constructor'])(
    'takes no "%s" for an upload',
    async (id) => {
      await using world = await openWorld(onFolder);
      for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
        const query = `?digest=${sha256('')}`;
        const answer = await raw(
          world,
          `${method} /v2/a/blobs/uploads/${id}${query} HTTP/1.1\r\n${head}Content-Length: 0\r\n\r\n`,
        );
        expect(answer).toMatch(/^HTTP\/1\.1 40[045] /);
      }
    },
  );

  it.each([
    ['bytes=9007199254740993-', 416, ''],
    ['bytes=0-9007199254740993', 206, '0123456789'],
    ['bytes=-9007199254740993', 206, '0123456789'],
    ['bytes=99999999999999999999999999999999999999-99999999999999999999999999999999999999', 416, ''],
    [`bytes=${'9'.repeat(400)}-`, 416, ''],
    [`bytes=-${'9'.repeat(400)}`, 206, '0123456789'],
    ['bytes=5-4', 416, ''],
    ['bytes=-0', 416, ''],
    ['bytes=10-10', 416, ''],
    ['bytes=9-9', 206, '9'],
    ['BYTES=1-1', 206, '1'],
    ['bytes=0-0,2-2', 200, '0123456789'],
    ['bytes=0x0-0x5', 200, '0123456789'],
    ['bytes=1.5-3', 200, '0123456789'],
    ['bytes=', 200, '0123456789'],
  ])('answers Range: %s with %i', async (range, status, body) => {
    await using world = await openWorld(onFolder);
    const { digest } = await world.put('a', '0123456789');
    const got = await world.ask('GET', `/v2/a/blobs/${digest}`, undefined, { range });
    expect([got.status, await got.text()]).toEqual([status, body]);
    if (status === 416) expect(got.headers.get('content-range')).toBe('bytes */10');
  });

  it('refuses headers and paths that are too long, and lives on', async () => {
    await using world = await openWorld(onFolder);
    const long = 'x'.repeat(20_000);
    expect(await raw(world, `GET /v2/ HTTP/1.1\r\n${head}X: ${long}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await raw(world, `GET /v2/${long} HTTP/1.1\r\n${head}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect((await world.ask('GET', '/v2/')).status).toBe(200);
  });

  it.each([
    ['a body shorter than its Content-Length', 'Content-Length: 10\r\n\r\nshort'],
    ['a Content-Length that is no number', 'Content-Length: 1x\r\n\r\nx'],
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy'],
    ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'],
    ['a chunk without an end', 'Transfer-Encoding: chunked\r\n\r\n5\r\nab'],
    ['a chunk whose size is no number', 'Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n'],
  ])('stores nothing of %s', async (_, rest) => {
    await using world = await openWorld(onFolder);
    const texts = ['short', 'x', 'xy', 'ab', ''];
    for (const text of texts) {
      const path = `/v2/a/blobs/uploads/?digest=${sha256(text)}`;
      const answer = await raw(world, `POST ${path} HTTP/1.1\r\n${head}${rest}`, true);
      expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
      await raw(world, `PUT /v2/a/manifests/v1 HTTP/1.1\r\n${head}${rest}`, true);
    }
    for (const text of texts) {
      expect((await world.ask('HEAD', `/v2/a/blobs/${sha256(text)}`)).status).toBe(404);
    }
    expect((await world.ask('HEAD', '/v2/a/manifests/v1')).status).toBe(404);
    if (world.root !== undefined) expect(await readdir(join(world.root, '_uploads'))).toEqual([]);
  });

  it('reads a body of unknown length, byte by byte', async () => {
    await using world = await openWorld(onFolder);
    const text = 'slowly';
    const chunks = [...text].map((byte) => `1\r\n${byte}\r\n`).join('');
    const path = `/v2/a/blobs/uploads/?digest=${sha256(text)}`;
    const request = `POST ${path} HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
    expect(await raw(world, request)).toMatch(/^HTTP\/1\.1 201 /);
  });

  it('answers requests that come in one piece one after the other', async () => {
    await using world = await openWorld(onFolder);
    const { digest } = await world.put('a', 'bytes');
    const get = (headers: string) => `GET /v2/a/blobs/${digest} HTTP/1.1\r\n${headers}\r\n`;
    const answer = await raw(world, get('Host: x\r\n').repeat(3) + get(head));
    expect(answer.match(/HTTP\/1\.1 200 /g)?.length).toBe(4);
    expect(answer.match(/\r\n\r\nbytes/g)?.length).toBe(4);
  });

  it('begins with no request before the one ahead of it on its connection is answered', async () => {
    const first = Promise.withResolvers<void>();
    const begun: (string | undefined)[] = [];
    const authorize: Authorize = async ({ url }) => {
      begun.push(url);
      if (url === '/v2/a/tags/list') await first.promise;
      return undefined;
    };
    await using world = await openWorld(onFolder, { authorize });
    const get = (path: string, headers: string) => `GET ${path} HTTP/1.1\r\n${headers}\r\n`;
    const ahead = get('/v2/b/tags/list', 'Host: x\r\n').repeat(500);
    const answers = raw(world, get('/v2/a/tags/list', 'Host: x\r\n') + ahead + get('/v2/', head));
    await expect.poll(() => begun).toEqual(['/v2/a/tags/list']);
    expect((await world.ask('GET', '/v2/')).status).toBe(200);
    expect(begun).toEqual(['/v2/a/tags/list', '/v2/']);
    first.resolve();
    expect((await answers).match(/HTTP\/1\.1 (?:404|200) /g)?.length).toBe(502);
  });

  it('refuses tags that could be paths or headers', async () => {
    await using world = await openWorld(onFolder);
    const text = JSON.stringify({ schemaVersion: 2, config: await world.put('a', '{}'), layers: [] });
    for (const tag of ['..', '%2e%2e', 'a%0d%0ax:y', 'a%2fb', '-a', 'a'.repeat(129), '%00', 'é']) {
      const type = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
      const put = await world.ask('PUT', `/v2/a/manifests/${tag}`, text, type);
      expect([400, 404, 405]).toContain(put.status);
      const byDigest = await world.ask('PUT', `/v2/a/manifests/${sha256(text)}?tag=${tag}`, text, type);
      expect(await codeOf(byDigest)).toEqual([400, 'MANIFEST_INVALID']);
    }
  });
});
