// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { digestBytes, encodeJson, MediaType } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { collect, pushImage, randomImage } from './image.ts';
import { type Script, startScripted } from './scripted-server.ts';

const image = await randomImage();
const { manifest } = image;
const mediaType = MediaType.ImageManifest;
const digest = await digestBytes(manifest);
const registries = [
  { name: 'lading-registry', start: () => startRegistry() },
  { name: "Debian's docker-registry", start: () => startDockerRegistry() },
];

describe.each(registries)('a manifest of $name', ({ start }) => {
  it('gets all its tags, in one request where the registry can', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    await pushImage(repository, image, 'first');
    const tags = Array.from({ length: 60 }, (_, i) => `v${i}`);
    const pushed = await repository.manifests.push(manifest, { mediaType, tag: [...tags, 'v1', 'v2'] });
    expect(pushed).toEqual({ mediaType, digest, size: manifest.length });
    expect(new Set(await Array.fromAsync(repository.tags({ pageSize: 7 })))).toEqual(
      new Set([...tags, 'first']),
    );
    for (const tag of tags) expect(await repository.resolve(tag)).toEqual(pushed);
  });

  it('is not sent again while its ETag is the same, and is when it is another', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    await pushImage(repository, image, 'v1');
    const { etag = '' } = await repository.manifests.fetch('v1');
    expect(etag).toMatch(/^"/);
    expect(await repository.manifests.fetchIfChanged('v1', etag)).toBeUndefined();
    const other = await randomImage();
    await pushImage(repository, other, 'v1');
    const changed = await repository.manifests.fetchIfChanged('v1', etag);
    expect(Buffer.from(changed?.bytes ?? []).equals(other.manifest)).toBe(true);
  });

  it('is deleted by its digest, and then is not there', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    await pushImage(repository, image, 'v1');
    await repository.manifests.delete(digest);
    await expect(repository.manifests.delete(digest)).rejects.toMatchObject({ code: Code.NotFound });
    await repository.blobs.delete(image.layer.digest);
    expect(await repository.blobs.head(image.layer.digest)).toBeUndefined();
    await expect(repository.blobs.delete(image.layer.digest)).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'BLOB_UNKNOWN',
    });
  });
});

it('a tag is deleted where the registry allows it, and is Unimplemented where not', async () => {
  await using registry = await startRegistry();
  await using docker = await startDockerRegistry();
  await using client = createRegistryClient({ tlsVerify: false });
  for (const { host } of [registry, docker]) await pushImage(client.repository(`${host}/demo`), image, 'v1');
  const { manifests } = client.repository(`${registry.host}/demo`);
  await manifests.delete('v1');
  await expect(manifests.resolve('v1')).rejects.toMatchObject({ code: Code.NotFound });
  expect((await manifests.resolve(digest)).digest).toBe(digest);
  // Docker's registry 2.8 knows deletes by digest alone.
  await expect(client.repository(`${docker.host}/demo`).manifests.delete('v1')).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:unimplemented|invalid_argument)$/),
  });
});

it('a manifest is pushed and fetched by sha512', async () => {
  await using registry = await startRegistry();
  await using client = createRegistryClient({ tlsVerify: false });
  const repository = client.repository(`${registry.host}/demo`);
  await pushImage(repository, image, 'v1');
  const pushed = await repository.manifests.push(manifest, {
    mediaType,
    tag: 'strong',
    digestAlgorithm: 'sha512',
  });
  expect(pushed.digest).toBe(await digestBytes(manifest, 'sha512'));
  expect(await repository.resolve('strong')).toEqual(pushed);
  expect((await repository.manifests.fetch(pushed)).descriptor).toEqual(pushed);
});

describe('several tags', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];

  async function pushTo(script: Script): Promise<readonly string[]> {
    await using server = await startScripted(script);
    await using client = createRegistryClient({ tlsVerify: false });
    const { manifests } = client.repository(`${server.host}/demo`);
    await manifests.push(manifest, { mediaType, tag: names });
    return server.requests.map(({ path }) => path.replace('/v2/demo/manifests/', ''));
  }

  it('go one by one to a registry that does not confirm them', async () => {
    const paths = await pushTo((request, response) =>
      request.resume().on('end', () => response.writeHead(201).end()),
    );
    expect(paths).toEqual([`${digest}?tag=a&tag=b&tag=c&tag=d&tag=e`, ...names]);
  });

  it('go one by one only where they were not confirmed', async () => {
    const paths = await pushTo((request, response) =>
      request.resume().on('end', () => response.writeHead(201, { 'oci-tag': ['a, b', 'd,e'] }).end()),
    );
    expect(paths.slice(1)).toEqual(['c']);
  });

  it.each([414, 431])('are split up when they are too many for a URL (%i)', async (status) => {
    const paths = await pushTo((request, response) => {
      const tags = new URL(request.url ?? '', 'http://x').searchParams.getAll('tag');
      const head = tags.length > 2 ? [status] : [201, { 'oci-tag': tags }];
      request.resume().on('end', () => response.writeHead(...(head as [number])).end());
    });
    expect(paths.slice(1)).toEqual([
      `${digest}?tag=a&tag=b&tag=c`,
      `${digest}?tag=a&tag=b`,
      `${digest}?tag=c`,
      `${digest}?tag=d&tag=e`,
    ]);
  });

  it('go by their own names where even one is too many', async () => {
    const paths = await pushTo((request, response) => {
      const status = request.url?.includes('?tag=') ? 414 : 201;
      request.resume().on('end', () => response.writeHead(status).end());
    });
    expect(paths.filter((path) => !path.includes('?'))).toEqual(names);
  });

  it('that are none are not asked for', async () => {
    await using server = await startScripted((_, response) => response.writeHead(201).end());
    await using client = createRegistryClient({ tlsVerify: false });
    const { manifests } = client.repository(`${server.host}/demo`);
    for (const tag of ['a&tag=b', '../x', '', 'a'.repeat(129)]) {
      const push = manifests.push(manifest, { mediaType, tag: ['ok', tag] });
      await expect(push).rejects.toMatchObject({ code: Code.InvalidArgument });
    }
    expect(server.requests).toEqual([]);
  });
});

describe('a condition', () => {
  it.each([
    { name: 'an ETag', ifMatch: '"one"', header: { 'if-match': '"one"' } },
    { name: 'that there is no such tag', ifMatch: null, header: { 'if-none-match': '*' } },
  ])('on $name goes with the push, and a 412 is FailedPrecondition', async ({ ifMatch, header }) => {
    let sent: unknown;
    await using server = await startScripted((request, response) => {
      sent = request.headers;
      request.resume().on('end', () => response.writeHead(412).end());
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const { manifests } = client.repository(`${server.host}/demo`);
    await expect(manifests.push(manifest, { mediaType, tag: 'v1', ifMatch })).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      details: { status: 412 },
    });
    expect(sent).toMatchObject(header);
  });

  it.each([
    { name: 'two tags', options: { tag: ['a', 'b'], ifMatch: '"x"' } },
    { name: 'no tag', options: { ifMatch: '"x"' } },
    { name: 'another algorithm', options: { tag: 'a', ifMatch: '"x"', digestAlgorithm: 'sha512' as const } },
    { name: 'an ETag that would end the header', options: { tag: 'a', ifMatch: '"x"\r\nx: y' } },
    { name: 'an ETag without quotes', options: { tag: 'a', ifMatch: 'x' } },
  ])('does not go with $name', async ({ options }) => {
    await using client = createRegistryClient();
    const { manifests } = client.repository('registry.invalid/demo');
    await expect(manifests.push(manifest, { mediaType, ...options })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });
});

it('a manifest that calls itself something else is not pushed', async () => {
  await using client = createRegistryClient();
  const { manifests } = client.repository('registry.invalid/demo');
  await expect(manifests.push(manifest, { mediaType: MediaType.ImageIndex })).rejects.toMatchObject({
    code: Code.InvalidArgument,
    reason: 'MEDIA_TYPE_MISMATCH',
  });
});

it('a proxy is told which registry is meant, in all that is read and nothing that is written', async () => {
  const index = encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests: [] });
  await using server = await startScripted((request, response) => {
    const { method, url = '' } = request;
    if (method === 'POST') return void response.writeHead(201).end();
    if (method === 'PUT') return void request.resume().on('end', () => response.writeHead(201).end());
    if (method === 'HEAD') return void response.writeHead(404).end();
    if (url.includes('/blobs/')) return void response.end(image.layerBytes);
    if (url.includes('/tags/list')) {
      const link = url.includes('last=b') ? {} : { link: '</v2/demo/tags/list?n=1&last=b>; rel="next"' };
      return void response.writeHead(200, link).end(`{"tags":["${url.includes('last=b') ? 'c' : 'b'}"]}`);
    }
    if (url.includes('/referrers/')) {
      return void response.writeHead(200, { 'content-type': MediaType.ImageIndex }).end(index);
    }
    response.writeHead(200, { 'content-type': mediaType }).end(manifest);
  });
  await using client = createRegistryClient({ tlsVerify: false });
  const repository = client.repository(`${server.host}/demo`, { ns: 'docker.io' });
  await repository.manifests.fetch('v1');
  await collect(repository.blobs.open(image.layer));
  expect(await Array.fromAsync(repository.tags())).toEqual(['b', 'c']);
  await Array.fromAsync(repository.referrers(digest, { artifactType: 'a/b' }));
  const reads = server.requests.length;
  await repository.blobs.mount(image.layer.digest, { from: 'other' });
  await repository.manifests.push(manifest, { mediaType, tag: 'v1' });
  const paths = server.requests.map(({ path }) => path);
  expect(paths.slice(0, reads).every((path) => path.includes('ns=docker.io'))).toBe(true);
  expect(paths.slice(reads).some((path) => path.includes('ns='))).toBe(false);
});

it.each(['', 'a/b', 'a&b', 'a b', 'a'.repeat(256)])('a proxy is not asked for the host %j', async (ns) => {
  await using client = createRegistryClient();
  expect(() => client.repository('registry.invalid/demo', { ns })).toThrow(
    expect.objectContaining({ code: Code.InvalidArgument }),
  );
});
