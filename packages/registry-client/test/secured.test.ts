// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { EmptyDescriptor, encodeJson, MediaType } from '@lading/image-spec';
import { createRegistryClient } from '@lading/registry-client';
import { describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { makeAuthority } from './authority.ts';
import { collect, pushImage, randomImage, sourceOf } from './image.ts';

const user = { username: 'anna', password: 'geheim' };

describe("Debian's docker-registry with a password", () => {
  it.each([
    { name: 'in the clear', secure: false },
    { name: 'under TLS', secure: true },
  ])('does all that a client can ask of it, $name', async ({ secure }) => {
    await using authority = await makeAuthority();
    const { certFile, keyFile } = await authority.issue('registry');
    const tls = secure ? { certificate: certFile, key: keyFile } : undefined;
    await using registry = await startDockerRegistry({ user, tls });
    await using client = createRegistryClient({
      credentials: () => user,
      ...(secure ? { tls: () => ({ ca: authority.ca }) } : { tlsVerify: false }),
    });
    const image = await randomImage(500_000);
    const repository = client.repository(`${registry.host}/demo/image`);
    const pushed = await pushImage(repository, image, 'v1');

    const other = await randomImage(500_000);
    const chunked = await repository.blobs.push(other.layer, sourceOf(other.layerBytes), {
      chunkSizeBytes: 150_000,
    });
    expect(chunked).toEqual({ state: 'uploaded' });
    const part = await collect(repository.blobs.open(other.layer, { offset: 400_000 }));
    expect(part.equals(other.layerBytes.subarray(400_000))).toBe(true);

    const neighbour = client.repository(`${registry.host}/demo/neighbour`);
    expect(await neighbour.blobs.mount(other.layer.digest, { from: 'demo/image' })).toBe(true);
    expect(await neighbour.blobs.mount(image.layer.digest, { from: 'demo/none' })).toBe(false);

    await repository.blobs.push(EmptyDescriptor, sourceOf(encodeJson({})));
    const note = encodeJson({
      schemaVersion: 2,
      mediaType: MediaType.ImageManifest,
      artifactType: 'application/vnd.example.note',
      config: EmptyDescriptor,
      layers: [EmptyDescriptor],
      subject: pushed,
    });
    const attached = await repository.manifests.push(note, { mediaType: MediaType.ImageManifest });
    const listed = await Array.fromAsync(repository.referrers(pushed.digest));
    expect(listed.map(({ digest }) => digest)).toEqual([attached.digest]);

    await repository.manifests.push(image.manifest, {
      mediaType: MediaType.ImageManifest,
      tag: ['v1', 'v1.0', 'latest'],
    });
    const tags = await Array.fromAsync(repository.tags());
    expect(tags.filter((tag) => !tag.startsWith('sha256-')).toSorted()).toEqual(['latest', 'v1', 'v1.0']);
    expect(await Array.fromAsync(client.catalog(registry.host))).toContain('demo/image');

    await repository.manifests.delete(attached.digest);
    expect(await Array.fromAsync(repository.referrers(pushed.digest))).toEqual([]);
    await repository.manifests.delete(pushed.digest);
    await expect(repository.resolve('v1')).rejects.toMatchObject({ code: Code.NotFound });
    await repository.blobs.delete(other.layer.digest);
    expect(await repository.blobs.head(other.layer.digest)).toBeUndefined();
  });

  it('refuses the catalog and an upload without it', async () => {
    await using registry = await startDockerRegistry({ user });
    await using client = createRegistryClient({ tlsVerify: false });
    const { layer, layerBytes } = await randomImage();
    const refused = { code: Code.Unauthenticated };
    await expect(Array.fromAsync(client.catalog(registry.host))).rejects.toMatchObject(refused);
    const { blobs } = client.repository(`${registry.host}/demo`);
    await expect(blobs.push(layer, sourceOf(layerBytes))).rejects.toMatchObject(refused);
    await expect(blobs.delete(layer.digest)).rejects.toMatchObject(refused);
  });
});
