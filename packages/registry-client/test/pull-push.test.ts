// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { Code } from '@lading/errors';
import {
  type Descriptor,
  descriptorOf,
  EmptyDescriptor,
  encodeJson,
  MediaType,
  parsePlatform,
} from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import {
  type BlobProgress,
  createMemoryStore,
  createRegistryClient,
  type ImageStore,
  type ManifestProgress,
  pullImage,
  pushImage,
  type Repository,
} from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { collect, pushImage as pushTestImage, randomImage, sourceOf } from './image.ts';
import { eagerRetry, startScripted } from './scripted-server.ts';

const registries = [
  { name: 'lading-registry', start: () => startRegistry() },
  { name: "Debian's docker-registry", start: () => startDockerRegistry() },
];

/** An index of these platforms under a tag; returns its descriptor and those of its manifests. */
async function pushIndex(repository: Repository, tag: string, platforms: readonly string[]) {
  const manifests: Descriptor[] = [];
  for (const platform of platforms) {
    const pushed = await pushTestImage(repository, await randomImage(50_000), 'part');
    manifests.push({ ...pushed, platform: parsePlatform(platform) });
  }
  const bytes = encodeJson({ schemaVersion: 2, mediaType: MediaType.ImageIndex, manifests });
  const index = await repository.manifests.push(bytes, { mediaType: MediaType.ImageIndex, tag });
  return { index, manifests };
}

async function same(store: ImageStore, descriptor: Descriptor, bytes: Uint8Array): Promise<boolean> {
  return (await collect(store.read(descriptor))).equals(bytes);
}

describe.each(registries)('an image of $name', ({ start }) => {
  it('comes into a store and goes out again, with progress', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const image = await randomImage();
    const from = client.repository(`${registry.host}/from`);
    const pushed = await pushTestImage(from, image, 'v1');
    const store = createMemoryStore();
    const events: (BlobProgress | ManifestProgress)[] = [];
    const onProgress = (event: BlobProgress | ManifestProgress) => void events.push(event);

    expect(await pullImage(from, 'v1', store, { onProgress })).toEqual({ descriptor: pushed });
    expect(await store.resolve('v1')).toEqual(pushed);
    expect(await same(store, image.layer, image.layerBytes)).toBe(true);
    expect(await same(store, pushed, image.manifest)).toBe(true);
    expect(events.filter(({ state }) => state === 'done').map(({ kind }) => kind)).toEqual([
      'blob',
      'blob',
      'manifest',
    ]);

    events.length = 0;
    await pullImage(from, pushed.digest, store, { onProgress });
    expect(events.map(({ state }) => state)).toEqual(['exists', 'exists', 'done']);

    const to = client.repository(`${registry.host}/to`);
    expect(await pushImage(to, 'v1', store, { tag: ['v1', 'latest'] })).toEqual(pushed);
    expect(await to.resolve('latest')).toEqual(pushed);
    expect((await collect(to.blobs.open(image.layer))).equals(image.layerBytes)).toBe(true);
  });

  it('is the one for the platform, or all of them', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    const platforms = ['linux/amd64', 'linux/arm64', 'windows/amd64'];
    const { index, manifests } = await pushIndex(repository, 'v1', platforms);
    const store = createMemoryStore();
    const { descriptor, chosenFrom } = await pullImage(repository, 'v1', store, { platform: 'linux/arm64' });
    expect([descriptor.digest, chosenFrom?.digest]).toEqual([manifests[1]?.digest, index.digest]);
    expect(await store.has(manifests[0] ?? descriptor)).toBe(false);

    const all = createMemoryStore();
    expect(await pullImage(repository, 'v1', all, { all: true })).toEqual({ descriptor: index });
    for (const manifest of manifests) expect(await all.has(manifest)).toBe(true);

    const to = client.repository(`${registry.host}/copy`);
    expect(await pushImage(to, 'v1', all)).toEqual(index);
    for (const { digest } of manifests) expect((await to.resolve(digest)).digest).toBe(digest);
    const only = await pushImage(to, 'v1', all, { tag: 'amd64', platform: parsePlatform('linux/amd64') });
    expect(only.digest).toBe(manifests[0]?.digest);
  });

  it('brings its referrers along, and theirs', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const from = client.repository(`${registry.host}/from`);
    const pushed = await pushTestImage(from, await randomImage(), 'v1');
    await from.blobs.push(EmptyDescriptor, sourceOf(encodeJson({})));
    const attach = (artifactType: string, subject: Descriptor) =>
      from.manifests.push(
        encodeJson({
          schemaVersion: 2,
          mediaType: MediaType.ImageManifest,
          artifactType,
          config: EmptyDescriptor,
          layers: [EmptyDescriptor],
          subject,
        }),
        { mediaType: MediaType.ImageManifest },
      );
    const sbom = await attach('application/spdx+json', pushed);
    const signature = await attach('application/vnd.example.signature', sbom);
    const store = createMemoryStore();
    await pullImage(from, 'v1', store, { referrers: true });
    expect([await store.has(sbom), await store.has(signature)]).toEqual([true, true]);

    const to = client.repository(`${registry.host}/to`);
    await pushImage(to, 'v1', store, { referrers: true });
    const list = async (digest: Descriptor) =>
      (await Array.fromAsync(to.referrers(digest.digest)))[0]?.digest;
    expect([await list(pushed), await list(sbom)]).toEqual([sbom.digest, signature.digest]);
  });
});

it('says which platforms there are', async () => {
  await using registry = await startRegistry();
  await using client = createRegistryClient({ tlsVerify: false });
  const repository = client.repository(`${registry.host}/demo`);
  await pushIndex(repository, 'v1', ['linux/amd64', 'linux/arm/v7']);
  await expect(
    pullImage(repository, 'v1', createMemoryStore(), { platform: 'linux/riscv64' }),
  ).rejects.toMatchObject({
    code: Code.NotFound,
    reason: 'PLATFORM_UNKNOWN',
    message: `${registry.host}/demo:v1 has no image for linux/riscv64; there are linux/amd64, linux/arm/v7`,
  });
});

it('mounts blobs of a neighbour, and reads nothing', async () => {
  await using registry = await startRegistry();
  await using client = createRegistryClient({ tlsVerify: false });
  const from = client.repository(`${registry.host}/from`);
  await pushTestImage(from, await randomImage(), 'v1');
  const store = createMemoryStore();
  await pullImage(from, 'v1', store);
  const states: string[] = [];
  await pushImage(client.repository(`${registry.host}/to`), 'v1', store, {
    mountFrom: 'from',
    onProgress: ({ kind, state }) => void (kind === 'blob' && states.push(state)),
  });
  expect(new Set(states)).toEqual(new Set(['uploading', 'mounted']));
});

it('leaves foreign layers out, and takes embedded content from its descriptor', async () => {
  await using registry = await startRegistry();
  await using client = createRegistryClient({ tlsVerify: false });
  const repository = client.repository(`${registry.host}/demo`);
  const foreign = await descriptorOf(MediaType.LayerNondistributableGzip, new Uint8Array([1]), {
    urls: ['https://elsewhere.example/layer'],
  });
  await repository.blobs.push(EmptyDescriptor, sourceOf(encodeJson({})));
  const bytes = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    artifactType: 'application/vnd.example',
    config: EmptyDescriptor,
    layers: [foreign],
  });
  await repository.manifests.push(bytes, { mediaType: MediaType.ImageManifest, tag: 'v1' });
  const store = createMemoryStore();
  const skipped: string[] = [];
  const onProgress = ({ digest, state }: BlobProgress | ManifestProgress) =>
    void (state === 'skipped' && skipped.push(digest));
  await pullImage(repository, 'v1', store, { onProgress });
  expect([await store.has(foreign), await store.has(EmptyDescriptor)]).toEqual([false, true]);
  await pushImage(client.repository(`${registry.host}/to`), 'v1', store, { onProgress });
  expect(skipped).toEqual([foreign.digest, foreign.digest]);
});

describe('a pull that fails', async () => {
  const image = await randomImage(3_000_000);
  const manifestHead = { 'content-type': MediaType.ImageManifest };

  it.each([
    {
      name: 'a layer has other bytes',
      status: 200,
      error: { code: Code.DataLoss, reason: 'DIGEST_MISMATCH' },
    },
    { name: 'a layer is missing', status: 404, error: { code: Code.NotFound, reason: 'BLOB_UNKNOWN' } },
  ])('because $name leaves no name, and nothing under way', async ({ status, error }) => {
    let open = 0;
    await using server = await startScripted((request, response) => {
      open += 1;
      response.once('close', () => {
        open -= 1;
      });
      if (request.url?.includes('/manifests/'))
        return void response.writeHead(200, manifestHead).end(image.manifest);
      if (request.url?.endsWith(image.config.digest)) {
        // The config never ends by itself.
        return void response.writeHead(200, { 'content-length': image.config.size }).flushHeaders();
      }
      response.writeHead(status).end(new Uint8Array(image.layer.size));
    });
    await using client = createRegistryClient({ tlsVerify: false, retry: eagerRetry().retry });
    const store = createMemoryStore();
    await expect(pullImage(client.repository(`${server.host}/demo`), 'v1', store)).rejects.toMatchObject(
      error,
    );
    await expect(store.resolve('v1')).rejects.toMatchObject({ code: Code.NotFound });
    await expect.poll(() => open).toBe(0);
  });

  it('because it was aborted ends every connection before it settles', async () => {
    const abort = new AbortController();
    const closed: Promise<unknown>[] = [];
    await using server = await startScripted((request, response) => {
      if (request.url?.includes('/manifests/'))
        return void response.writeHead(200, manifestHead).end(image.manifest);
      closed.push(once(response, 'close'));
      response.writeHead(200).flushHeaders();
      if (closed.length === 2) abort.abort();
    });
    await using client = createRegistryClient({ tlsVerify: false });
    const pull = pullImage(client.repository(`${server.host}/demo`), 'v1', createMemoryStore(), {
      signal: abort.signal,
    });
    await expect(pull).rejects.toMatchObject({ code: Code.Canceled });
    await Promise.all(closed);
  });

  it('in the store ends the others', async () => {
    await using registry = await startRegistry();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    await pushTestImage(repository, image, 'v1');
    const full = new Error('the disk is full');
    const store: ImageStore = {
      ...createMemoryStore(),
      async write(_, source) {
        for await (const chunk of source) expect(chunk.length).toBeGreaterThan(0);
        throw full;
      },
    };
    await expect(pullImage(repository, 'v1', store)).rejects.toBe(full);
  });
});

describe('a push that fails', () => {
  it('because the store lost a blob leaves no tag', async () => {
    await using registry = await startRegistry();
    await using client = createRegistryClient({ tlsVerify: false });
    const image = await randomImage();
    const from = client.repository(`${registry.host}/from`);
    await pushTestImage(from, image, 'v1');
    const store = createMemoryStore();
    await pullImage(from, 'v1', store);
    const broken: ImageStore = {
      ...store,
      read(descriptor, options) {
        if (descriptor.digest !== image.layer.digest) return store.read(descriptor, options);
        return store.read({ ...descriptor, digest: `sha256:${'0'.repeat(64)}` as Descriptor['digest'] });
      },
    };
    const to = client.repository(`${registry.host}/to`);
    await expect(pushImage(to, 'v1', broken)).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'BLOB_UNKNOWN',
    });
    await expect(to.resolve('v1')).rejects.toMatchObject({ code: Code.NotFound });
  });

  it('because the store has another manifest sends nothing', async () => {
    await using server = await startScripted((_, response) => response.end());
    await using client = createRegistryClient({ tlsVerify: false });
    const store = createMemoryStore();
    const { manifest } = await randomImage();
    const descriptor = await descriptorOf(MediaType.ImageManifest, manifest);
    await store.write(descriptor, sourceOf(Uint8Array.from(manifest, (byte) => byte ^ 1))());
    await store.tag(descriptor, 'v1');
    await expect(pushImage(client.repository(`${server.host}/demo`), 'v1', store)).rejects.toMatchObject({
      code: Code.DataLoss,
      reason: 'DIGEST_MISMATCH',
    });
    expect(server.requests).toEqual([]);
  });

  it('because there is no such image says so', async () => {
    await using client = createRegistryClient();
    const push = pushImage(client.repository('registry.invalid/demo'), 'v1', createMemoryStore());
    await expect(push).rejects.toMatchObject({ code: Code.NotFound, reason: 'MANIFEST_UNKNOWN' });
  });
});
