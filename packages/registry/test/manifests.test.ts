// SPDX-License-Identifier: Apache-2.0
import { MediaType } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { codeOf, kinds, oci, openWorld, sha256, sha512 } from './world.ts';

const index = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests: [] });
const indexType = { 'content-type': MediaType.ImageIndex };

describe.each(kinds)('manifests of a registry $name', ({ onFolder }) => {
  it('keep the digest of another algorithm that they were pushed with, for their tags too', async () => {
    await using world = await openWorld(onFolder);
    const digest = sha512(index);
    const pushed = await world.ask('PUT', `/v2/a/manifests/${digest}?tag=v1`, index, indexType);
    expect([pushed.status, pushed.headers.get('docker-content-digest')]).toEqual([201, digest]);
    for (const reference of [digest, 'v1']) {
      const got = await world.ask('GET', `/v2/a/manifests/${reference}`);
      expect([await got.text(), got.headers.get('docker-content-digest')]).toEqual([index, digest]);
    }
    expect((await world.ask('HEAD', `/v2/a/manifests/${sha256(index)}`)).status).toBe(404);
  });

  it('may get many tags at once, but not without bounds', async () => {
    await using world = await openWorld(onFolder);
    const push = (count: number) => {
      const query = Array.from({ length: count }, (_, number) => `tag=t${number}`).join('&');
      return world.ask('PUT', `/v2/a/manifests/${sha256(index)}?${query}&tag=t0`, index, indexType);
    };
    const pushed = await push(100);
    expect(pushed.headers.get('oci-tag')?.split(', ').length).toBe(100);
    expect(await codeOf(await push(101))).toEqual([414, 'UNSUPPORTED']);
    const bad = await world.ask('PUT', `/v2/a/manifests/${sha256(index)}?tag=-`, index, indexType);
    expect(await codeOf(bad)).toEqual([400, 'MANIFEST_INVALID']);
  });

  it('are taken by what they say of themselves where the sender says nothing', async () => {
    await using world = await openWorld(onFolder);
    const bare = JSON.stringify({ schemaVersion: 2, config: await world.put('a', '{}'), layers: [] });
    for (const [text, type] of [
      [index, MediaType.ImageIndex],
      [bare, MediaType.ImageManifest],
    ] as const) {
      // An ArrayBuffer has no type of its own, as a string would have.
      const pushed = await world.ask('PUT', '/v2/a/manifests/v1', Buffer.from(text));
      expect(pushed.status).toBe(201);
      expect((await world.ask('HEAD', '/v2/a/manifests/v1')).headers.get('content-type')).toBe(type);
    }
    const parameters = { 'content-type': `${MediaType.ImageIndex}; charset=utf-8` };
    await world.ask('PUT', '/v2/a/manifests/v1', index, parameters);
    const type = (await world.ask('GET', '/v2/a/manifests/v1')).headers.get('content-type');
    expect(type).toBe(MediaType.ImageIndex);
    expect(await codeOf(await world.ask('PUT', '/v2/a/manifests/v1', index, oci))).toEqual([
      400,
      'MANIFEST_INVALID',
    ]);
  });

  it('are refused under another digest', async () => {
    await using world = await openWorld(onFolder);
    const pushed = await world.ask('PUT', `/v2/a/manifests/${sha256('x')}`, index, indexType);
    expect(await codeOf(pushed)).toEqual([400, 'DIGEST_INVALID']);
    expect((await world.ask('HEAD', `/v2/a/blobs/${sha256('x')}`)).status).toBe(404);
  });

  it('may be images of which layers, and indexes of which images, are elsewhere', async () => {
    await using world = await openWorld(onFolder);
    const absent = { mediaType: MediaType.Layer, digest: sha256('absent'), size: 6 };
    const digest = await world.image('a', 'sparse', { layers: [absent] });
    expect((await world.ask('HEAD', `/v2/a/manifests/${digest}`)).status).toBe(200);
    const manifests = [{ mediaType: MediaType.ImageManifest, digest: sha256('absent'), size: 6 }];
    const sparse = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests });
    expect((await world.ask('PUT', '/v2/a/manifests/i', sparse, indexType)).status).toBe(201);
  });

  it('keep descriptors with embedded data, and members that nobody knows', async () => {
    await using world = await openWorld(onFolder);
    const config = { ...(await world.put('a', '{}')), data: btoa('{}') };
    const digest = await world.image('a', 'v1', { config, 'com.example.extra': { x: [1, null] } });
    const text = await (await world.ask('GET', '/v2/a/manifests/v1')).text();
    expect(sha256(text)).toBe(digest);
    expect(JSON.parse(text)).toMatchObject({ config, 'com.example.extra': { x: [1, null] } });
  });

  it('cannot be taken away as blobs, and take their tags with them', async () => {
    await using world = await openWorld(onFolder);
    const digest = await world.image('a', 'v1');
    const refused = await world.ask('DELETE', `/v2/a/blobs/${digest}`);
    expect([refused.headers.get('allow'), ...(await codeOf(refused))]).toEqual([
      'GET, HEAD',
      405,
      'UNSUPPORTED',
    ]);
    expect((await world.ask('DELETE', `/v2/a/manifests/${digest}`)).status).toBe(202);
    for (const path of ['manifests/v1', `manifests/${digest}`, `blobs/${digest}`]) {
      expect((await world.ask('HEAD', `/v2/a/${path}`)).status).toBe(404);
    }
    for (const path of [`a/manifests/${digest}`, 'a/manifests/v1', 'none/manifests/v1']) {
      expect(await codeOf(await world.ask('DELETE', `/v2/${path}`))).toEqual([404, 'MANIFEST_UNKNOWN']);
    }
  });

  it('are read with whatever query parameters a proxy adds', async () => {
    await using world = await openWorld(onFolder);
    const digest = await world.image('a', 'v1');
    for (const path of ['manifests/v1', `blobs/${digest}`, 'tags/list', `referrers/${digest}`]) {
      const got = await world.ask('GET', `/v2/a/${path}?ns=docker.io&other=1`);
      // Nothing is looked up by the namespace here, so nothing is said of it.
      expect([got.status, got.headers.get('oci-namespace')]).toEqual([200, null]);
    }
  });
});

describe.each(kinds)('every end point of a registry $name', ({ onFolder }) => {
  it('answers HEAD as GET, without the body', async () => {
    await using world = await openWorld(onFolder);
    const digest = await world.image('a', 'v1');
    for (const path of [
      '',
      '_catalog',
      'a/tags/list',
      'a/manifests/v1',
      `a/manifests/${digest}`,
      `a/blobs/${digest}`,
      `a/referrers/${digest}`,
      'a/manifests/none',
      `a/blobs/${sha256('none')}`,
    ]) {
      const [get, head] = [await world.ask('GET', `/v2/${path}`), await world.ask('HEAD', `/v2/${path}`)];
      const facts = ({ status, headers }: Response) => [
        status,
        ...['content-type', 'content-length', 'docker-content-digest', 'etag'].map((name) =>
          headers.get(name),
        ),
      ];
      expect([path, ...facts(head)]).toEqual([path, ...facts(get)]);
      expect(await head.text()).toBe('');
    }
  });

  it.each([
    ['POST', '/v2/', 'GET, HEAD'],
    ['DELETE', '/v2/_catalog', 'GET, HEAD'],
    ['PUT', '/v2/a/tags/list', 'GET, HEAD'],
    ['POST', '/v2/a/manifests/v1', 'GET, HEAD, PUT, DELETE'],
    ['PUT', `/v2/a/blobs/${sha256('x')}`, 'GET, HEAD, DELETE'],
    ['GET', '/v2/a/blobs/uploads/', 'POST'],
    ['POST', '/v2/a/blobs/uploads/x', 'GET, HEAD, PATCH, PUT, DELETE'],
    ['OPTIONS', `/v2/a/referrers/${sha256('x')}`, 'GET, HEAD'],
  ])('answers %s %s with the methods that there are', async (method, path, allow) => {
    await using world = await openWorld(onFolder);
    const refused = await world.ask(method, path);
    expect([refused.headers.get('allow'), ...(await codeOf(refused))]).toEqual([allow, 405, 'UNSUPPORTED']);
  });
});
