// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { digestBytes } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { type BlobProgress, createRegistryClient } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { collect, pushImage, randomImage, sourceOf } from './image.ts';

const registries = [
  { name: 'lading-registry', start: () => startRegistry() },
  { name: "Debian's docker-registry", start: () => startDockerRegistry() },
];

describe.each(registries)('a client of $name', ({ start }) => {
  it('gets back the image that it pushed', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const image = await randomImage();
    const repository = client.repository(`${registry.host}/demo/image`);
    const pushed = await pushImage(repository, image, 'v1');

    await repository.ping();
    expect(await repository.resolve('v1')).toEqual(pushed);
    expect(await repository.resolve(pushed.digest)).toEqual(pushed);
    const fetched = await repository.manifests.fetch(pushed);
    expect(Buffer.from(fetched.bytes).equals(image.manifest)).toBe(true);
    expect((await collect(repository.blobs.open(image.layer))).equals(image.layerBytes)).toBe(true);
    expect(await Array.fromAsync(repository.tags())).toEqual(['v1']);
    expect(await repository.blobs.head(image.layer.digest)).toMatchObject({ size: image.layer.size });
  });

  it('uploads a blob once, then finds it, and mounts it in another repository', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const { layer, layerBytes } = await randomImage();
    const first = client.repository(`${registry.host}/first`);
    const second = client.repository(`${registry.host}/second`);
    const events: BlobProgress[] = [];
    const onProgress = (event: BlobProgress) => events.push(event);

    expect(await first.blobs.push(layer, sourceOf(layerBytes), { onProgress })).toEqual({
      state: 'uploaded',
    });
    expect(events.at(0)).toMatchObject({ state: 'uploading', current: 0, total: layer.size });
    expect(events.at(-1)).toMatchObject({ state: 'done', current: layer.size });
    expect(await first.blobs.push(layer, sourceOf(layerBytes))).toEqual({ state: 'exists' });
    const never = () => {
      throw new Error('the blob is to be mounted, not read');
    };
    expect(await second.blobs.push(layer, never, { mountFrom: 'first' })).toEqual({ state: 'mounted' });
    expect((await collect(second.blobs.open(layer))).equals(layerBytes)).toBe(true);
  });

  it('says what is not there', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/none`);
    const digest = await digestBytes(new Uint8Array([1]));

    await expect(repository.resolve('v1')).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'MANIFEST_UNKNOWN',
    });
    await expect(repository.manifests.fetch(digest)).rejects.toMatchObject({ code: Code.NotFound });
    expect(await repository.blobs.head(digest)).toBeUndefined();
    await expect(collect(repository.blobs.open({ digest, size: 1 }))).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'BLOB_UNKNOWN',
    });
    await expect(Array.fromAsync(repository.tags())).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'NAME_UNKNOWN',
    });
  });

  it('has an upload refused whose bytes are not those of the digest', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const { layer, layerBytes } = await randomImage();
    const repository = client.repository(`${registry.host}/demo`);
    const other = Uint8Array.from(layerBytes, (byte) => byte ^ 1);

    await expect(repository.blobs.push(layer, sourceOf(other))).rejects.toMatchObject({
      code: Code.InvalidArgument,
      reason: 'DIGEST_INVALID',
    });
    expect(await repository.blobs.head(layer.digest)).toBeUndefined();
  });

  it('deletes a manifest', async () => {
    await using registry = await start();
    await using client = createRegistryClient({ tlsVerify: false });
    const repository = client.repository(`${registry.host}/demo`);
    const { digest } = await pushImage(repository, await randomImage(), 'v1');

    await repository.manifests.delete(digest);
    await expect(repository.resolve('v1')).rejects.toMatchObject({ code: Code.NotFound });
  });
});

describe("basic authentication at Debian's docker-registry", () => {
  const right = { username: 'anna', password: 'geheim: ä' };

  it('lets the right password pull and push', async () => {
    await using registry = await startDockerRegistry({ user: right });
    await using client = createRegistryClient({ tlsVerify: false, credentials: () => right });
    const image = await randomImage();
    const repository = client.repository(`${registry.host}/demo`);
    await pushImage(repository, image, 'v1');
    expect((await collect(repository.blobs.open(image.layer))).equals(image.layerBytes)).toBe(true);
    await client.ping(registry.host);
  });

  it.each([
    { name: 'a wrong password', credentials: { ...right, password: 'other' } },
    { name: 'no password', credentials: undefined },
  ])('refuses $name, and the error does not show it', async ({ credentials }) => {
    await using registry = await startDockerRegistry({ user: right });
    await using client = createRegistryClient({ tlsVerify: false, credentials: () => credentials });
    const failure = await client.ping(registry.host).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: Code.Unauthenticated, reason: 'UNAUTHORIZED' });
    expect(JSON.stringify(failure)).not.toContain('other');
    await expect(client.repository(`${registry.host}/demo`).resolve('v1')).rejects.toMatchObject({
      code: Code.Unauthenticated,
    });
  });
});
