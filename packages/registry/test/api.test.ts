// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaType } from '@lading/image-spec';
import { type RegistryServer, startRegistry } from '@lading/registry';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const kinds = [
  { name: 'in memory', makeRoot: async () => undefined },
  {
    name: 'on a folder',
    makeRoot: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'lading-registry-'));
      folders.push(folder);
      return folder;
    },
  },
];

const sha256 = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const blob = new Uint8Array(randomBytes(100_000));
const digest = sha256(blob);
const absent = sha256('absent');

describe.each(kinds)('a registry $name', ({ makeRoot }) => {
  let server: RegistryServer;
  beforeEach(async () => {
    server = await startRegistry({ root: await makeRoot() });
  });
  afterEach(() => server.close());

  const ask = (
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Record<string, string> = {},
  ) =>
    fetch(new URL(path, server.url), {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    });
  const codeOf = async (response: Response) => {
    const { errors } = (await response.json()) as { errors: { code: string }[] };
    return [response.status, errors[0]?.code];
  };
  const begin = async (repository: string) => {
    const response = await ask('POST', `/v2/${repository}/blobs/uploads/`);
    expect(response.status).toBe(202);
    return response.headers.get('location') ?? '';
  };
  const put = async (repository: string, bytes: string | Uint8Array) => {
    const response = await ask('POST', `/v2/${repository}/blobs/uploads/?digest=${sha256(bytes)}`, bytes);
    expect(response.status).toBe(201);
    return { mediaType: MediaType.ImageConfig, digest: sha256(bytes), size: bytes.length };
  };
  const manifestOf = async (repository: string, extra: object = {}) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ImageManifest,
      config: await put(repository, '{"os":"linux"}'),
      layers: [],
      ...extra,
    });
  const oci = { 'content-type': MediaType.ImageManifest };

  it('answers /v2/', async () => {
    const response = await ask('GET', '/v2/');
    expect([response.status, await response.text()]).toEqual([200, '{}']);
  });

  it('takes a blob in one PUT and gives it back, whole and in part', async () => {
    const location = await begin('a/b');
    expect((await ask('PUT', `${location}?digest=${digest}`, blob)).status).toBe(201);
    const whole = await ask('GET', `/v2/a/b/blobs/${digest}`);
    expect(Buffer.from(await whole.arrayBuffer()).equals(blob)).toBe(true);
    expect(whole.headers.get('docker-content-digest')).toBe(digest);
    const part = await ask('GET', `/v2/a/b/blobs/${digest}`, undefined, { range: 'bytes=99990-' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 99990-99999/100000']);
    expect(Buffer.from(await part.arrayBuffer()).equals(blob.subarray(99_990))).toBe(true);
    const head = await ask('HEAD', `/v2/a/b/blobs/${digest}`);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '100000']);
    const past = await ask('GET', `/v2/a/b/blobs/${digest}`, undefined, { range: 'bytes=100000-' });
    expect([past.status, past.headers.get('content-range')]).toEqual([416, 'bytes */100000']);
  });

  it('takes a blob in chunks, each where the last ended', async () => {
    const location = await begin('a');
    const first = await ask('PATCH', location, blob.subarray(0, 60_000), { 'content-range': '0-59999' });
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-59999']);
    const wrong = await ask('PATCH', location, blob.subarray(70_000), { 'content-range': '70000-99999' });
    expect([wrong.status, wrong.headers.get('range')]).toEqual([416, '0-59999']);
    const status = await ask('GET', location);
    expect([status.status, status.headers.get('range')]).toEqual([204, '0-59999']);
    await ask('PATCH', location, blob.subarray(60_000, 80_000));
    const last = await ask('PUT', `${location}?digest=${digest}`, blob.subarray(80_000));
    expect(last.status).toBe(201);
    expect((await ask('HEAD', `/v2/a/blobs/${digest}`)).status).toBe(200);
    expect(await codeOf(await ask('GET', location))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });

  it('shows no blob whose digest is wrong, and no upload that was given up', async () => {
    const wrong = await ask('PUT', `${await begin('a')}?digest=${absent}`, blob);
    expect(await codeOf(wrong)).toEqual([400, 'DIGEST_INVALID']);
    expect((await ask('HEAD', `/v2/a/blobs/${absent}`)).status).toBe(404);
    const location = await begin('a');
    expect((await ask('DELETE', location)).status).toBe(204);
    expect(await codeOf(await ask('PUT', `${location}?digest=${digest}`, blob))).toEqual([
      404,
      'BLOB_UPLOAD_UNKNOWN',
    ]);
  });

  it('mounts a blob, and begins an upload where there is none to mount', async () => {
    await put('from', blob);
    const mounted = await ask('POST', `/v2/to/blobs/uploads/?mount=${digest}&from=from`);
    expect([mounted.status, mounted.headers.get('location')]).toEqual([201, `/v2/to/blobs/${digest}`]);
    expect((await ask('HEAD', `/v2/to/blobs/${digest}`)).status).toBe(200);
    expect((await ask('POST', `/v2/to/blobs/uploads/?mount=${absent}&from=from`)).status).toBe(202);
    expect((await ask('DELETE', `/v2/from/blobs/${digest}`)).status).toBe(202);
    expect((await ask('HEAD', `/v2/from/blobs/${digest}`)).status).toBe(404);
    expect((await ask('HEAD', `/v2/to/blobs/${digest}`)).status).toBe(200);
  });

  it('keeps the bytes of a manifest as they are', async () => {
    const text = `${await manifestOf('a')}\n `;
    const pushed = await ask('PUT', '/v2/a/manifests/v1', text, oci);
    expect([pushed.status, pushed.headers.get('docker-content-digest')]).toEqual([201, sha256(text)]);
    for (const reference of ['v1', sha256(text)]) {
      const pulled = await ask('GET', `/v2/a/manifests/${reference}`);
      expect(await pulled.text()).toBe(text);
      expect(pulled.headers.get('content-type')).toBe(MediaType.ImageManifest);
      const head = await ask('HEAD', `/v2/a/manifests/${reference}`);
      expect(head.headers.get('content-length')).toBe(String(text.length));
    }
  });

  it('deletes a tag alone, or a manifest with its tags', async () => {
    const text = await manifestOf('a');
    for (const tag of ['v1', 'v2']) await ask('PUT', `/v2/a/manifests/${tag}`, text, oci);
    expect((await ask('DELETE', '/v2/a/manifests/v1')).status).toBe(202);
    expect((await ask('HEAD', '/v2/a/manifests/v1')).status).toBe(404);
    expect((await ask('HEAD', '/v2/a/manifests/v2')).status).toBe(200);
    expect((await ask('DELETE', `/v2/a/manifests/${sha256(text)}`)).status).toBe(202);
    expect(await codeOf(await ask('GET', '/v2/a/manifests/v2'))).toEqual([404, 'MANIFEST_UNKNOWN']);
  });

  it('tags a manifest that is pushed by digest', async () => {
    const text = await manifestOf('a');
    const pushed = await ask('PUT', `/v2/a/manifests/${sha256(text)}?tag=x&tag=y`, text, oci);
    expect([pushed.status, pushed.headers.get('oci-tag')]).toEqual([201, 'x, y']);
    expect((await ask('HEAD', '/v2/a/manifests/y')).status).toBe(200);
  });

  it('lists tags and repositories in pages', async () => {
    const text = await manifestOf('a/b');
    for (const tag of ['c', 'a', 'b']) await ask('PUT', `/v2/a/b/manifests/${tag}`, text, oci);
    expect(await (await ask('GET', '/v2/a/b/tags/list')).json()).toEqual({
      name: 'a/b',
      tags: ['a', 'b', 'c'],
    });
    const page = await ask('GET', '/v2/a/b/tags/list?n=2');
    expect(await page.json()).toMatchObject({ tags: ['a', 'b'] });
    expect(page.headers.get('link')).toBe('</v2/a/b/tags/list?n=2&last=b>; rel="next"');
    expect(await (await ask('GET', '/v2/a/b/tags/list?n=2&last=b')).json()).toMatchObject({ tags: ['c'] });
    expect(await (await ask('GET', '/v2/_catalog')).json()).toEqual({ repositories: ['a/b'] });
    expect(await codeOf(await ask('GET', '/v2/a/tags/list'))).toEqual([404, 'NAME_UNKNOWN']);
  });

  it('lists the referrers of a manifest, by type too', async () => {
    const text = await manifestOf('a');
    await ask('PUT', '/v2/a/manifests/v1', text, oci);
    const subject = { mediaType: MediaType.ImageManifest, digest: sha256(text), size: text.length };
    const signature = await manifestOf('a', {
      artifactType: 'application/x.sig',
      subject,
      annotations: { a: 'b' },
    });
    const pushed = await ask('PUT', `/v2/a/manifests/${sha256(signature)}`, signature, oci);
    expect(pushed.headers.get('oci-subject')).toBe(subject.digest);
    const all = await ask('GET', `/v2/a/referrers/${subject.digest}`);
    expect(all.headers.get('content-type')).toBe(MediaType.ImageIndex);
    const expected = {
      mediaType: MediaType.ImageManifest,
      digest: sha256(signature),
      size: signature.length,
      artifactType: 'application/x.sig',
      annotations: { a: 'b' },
    };
    expect(await all.json()).toMatchObject({ manifests: [expected] });
    const other = await ask('GET', `/v2/a/referrers/${subject.digest}?artifactType=x/y`);
    expect(other.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(await other.json()).toMatchObject({ manifests: [] });
  });

  it('takes a manifest whose blobs are not there, unless it is told to require them', async () => {
    const config = { mediaType: MediaType.ImageConfig, digest: absent, size: 6 };
    const text = JSON.stringify({ schemaVersion: 2, config, layers: [] });
    expect((await ask('PUT', '/v2/a/manifests/v1', text, oci)).status).toBe(201);
    await using strict = await startRegistry({ root: await makeRoot(), requireBlobs: true });
    const refused = await fetch(`${strict.url}/v2/a/manifests/v1`, {
      method: 'PUT',
      headers: oci,
      body: text,
    });
    expect(await codeOf(refused)).toEqual([404, 'MANIFEST_BLOB_UNKNOWN']);
    expect((await fetch(`${strict.url}/v2/a/manifests/v1`)).status).toBe(404);
  });

  it.each([
    { name: 'no JSON', body: '{', headers: oci, expected: [400, 'MANIFEST_INVALID'] },
    { name: 'no manifest', body: '{}', headers: oci, expected: [400, 'MANIFEST_INVALID'] },
    {
      name: 'no known type',
      body: '{}',
      headers: { 'content-type': 'text/plain' },
      expected: [400, 'MANIFEST_INVALID'],
    },
    {
      name: 'more than 4 MiB',
      body: ' '.repeat(4 * 1024 * 1024 + 1),
      headers: oci,
      expected: [413, 'MANIFEST_INVALID'],
    },
  ])('refuses $name as a manifest', async ({ body, headers, expected }) => {
    expect(await codeOf(await ask('PUT', '/v2/a/manifests/v1', body, headers))).toEqual(expected);
  });

  it.each([
    ['GET', '/v2/A/tags/list', [400, 'NAME_INVALID']],
    ['GET', '/v2/a%2f..%2f..%2fetc/manifests/passwd', [400, 'NAME_INVALID']],
    ['GET', '/v2/a/_layout/tags/list', [400, 'NAME_INVALID']],
    ['GET', `/v2/${'a'.repeat(256)}/tags/list`, [400, 'NAME_INVALID']],
    ['GET', '/v2/a/manifests/%2e%2e%2fb', [404, 'UNSUPPORTED']],
    ['GET', '/v2/a/manifests/.hidden', [404, 'MANIFEST_UNKNOWN']],
    ['PUT', '/v2/a/manifests/.hidden', [400, 'MANIFEST_INVALID']],
    ['GET', '/v2/a/blobs/sha256:..%2f..%2fx', [404, 'UNSUPPORTED']],
    ['GET', '/v2/a/blobs/sha256:zz', [400, 'DIGEST_INVALID']],
    ['GET', '/v2/a/blobs/md5:d41d8cd98f00b204e9800998ecf8427e', [400, 'DIGEST_INVALID']],
    ['GET', '/v2/a/%ff', [400, 'NAME_INVALID']],
    ['PATCH', '/v2/a/manifests/v1', [405, 'UNSUPPORTED']],
    ['GET', '/elsewhere', [404, 'UNSUPPORTED']],
    ['PATCH', '/v2/a/blobs/uploads/none', [404, 'BLOB_UPLOAD_UNKNOWN']],
  ])('refuses %s %s', async (method, path, expected) => {
    expect(await codeOf(await ask(method, path))).toEqual(expected);
  });

  it('keeps a bounded number of unfinished uploads', async () => {
    const first = await begin('a');
    for (let count = 0; count < 200; count++) await begin('a');
    expect(await codeOf(await ask('GET', first))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });

  it('takes digests of sha512 as well', async () => {
    const long = `sha512:${createHash('sha512').update(blob).digest('hex')}`;
    expect((await ask('POST', `/v2/a/blobs/uploads/?digest=${long}`, blob)).status).toBe(201);
    expect((await ask('HEAD', `/v2/a/blobs/${long}`)).status).toBe(200);
  });

  it('gives an empty blob', async () => {
    await put('a', '');
    const response = await ask('GET', `/v2/a/blobs/${sha256('')}`);
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('a folder', () => {
  it('is served again by the next process as the last one left it', async () => {
    const root = await mkdtemp(join(tmpdir(), 'lading-registry-'));
    folders.push(root);
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.ImageIndex,
      manifests: [],
      subject: { mediaType: MediaType.ImageManifest, digest: absent, size: 1 },
    });
    {
      await using first = await startRegistry({ root });
      for (const reference of ['v1', 'v2', sha256(text)]) {
        const headers = { 'content-type': MediaType.ImageIndex };
        const pushed = await fetch(`${first.url}/v2/a/b/manifests/${reference}`, {
          method: 'PUT',
          body: text,
          headers,
        });
        expect(pushed.status).toBe(201);
      }
    }
    await using second = await startRegistry({ root });
    expect(await (await fetch(`${second.url}/v2/a/b/tags/list`)).json()).toMatchObject({
      tags: ['v1', 'v2'],
    });
    expect(await (await fetch(`${second.url}/v2/a/b/manifests/v2`)).text()).toBe(text);
    expect(await (await fetch(`${second.url}/v2/a/b/referrers/${absent}`)).json()).toMatchObject({
      manifests: [{ digest: sha256(text) }],
    });
  });
});

describe('authorize', () => {
  it('refuses with a challenge, or for good', async () => {
    await using server = await startRegistry({
      authorize: ({ headers }) =>
        headers.authorization === 'Basic x' ? { denied: 'not you' } : { challenge: 'Basic realm="r"' },
    });
    const asked = await fetch(`${server.url}/v2/`);
    expect([asked.status, asked.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="r"']);
    const denied = await fetch(`${server.url}/v2/`, { headers: { authorization: 'Basic x' } });
    expect([denied.status, await denied.json()]).toEqual([
      403,
      { errors: [{ code: 'DENIED', message: 'not you' }] },
    ]);
  });
});
