// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { type Descriptor, type Digest, descriptorOf, MediaType, parseIndex } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { createRegistryClient, pullImage, pushImage } from '@lading/registry-client';
import { openLayout } from '@lading/registry-client/layout';
import { describe, expect, it } from 'vitest';
import { run } from '../../../tools/test-support/docker-registry.ts';
import { collect, pushImage as pushTestImage, randomImage, sourceOf } from './image.ts';

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'lading-layout-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const content = new TextEncoder().encode('bill of lading');
const descriptor = await descriptorOf('text/plain', content);

it('a pulled image is one that skopeo reads, and skopeo writes one that can be pushed', async () => {
  await using folder = await temporaryFolder();
  await using registry = await startRegistry();
  await using client = createRegistryClient({ tlsVerify: false });
  const image = await randomImage();
  const repository = client.repository(`${registry.host}/demo`);
  const pushed = await pushTestImage(repository, image, 'v1');
  const layout = await openLayout(join(folder.path, 'layout'));
  await pullImage(repository, 'v1', layout);
  await pullImage(repository, pushed.digest, layout, { name: 'again' });

  const inspected = JSON.parse(
    run('skopeo', 'skopeo', ['inspect', `oci:${join(folder.path, 'layout')}:again`]),
  ) as object;
  expect(inspected).toMatchObject({
    Digest: pushed.digest,
    Architecture: 'amd64',
    Layers: [image.layer.digest],
  });
  run('skopeo', 'skopeo', [
    'copy',
    '--quiet',
    '--preserve-digests',
    `oci:${join(folder.path, 'layout')}:v1`,
    `oci:${join(folder.path, 'copy')}:v2`,
  ]);
  const copy = await openLayout(join(folder.path, 'copy'));
  const to = client.repository(`${registry.host}/copy`);
  expect((await pushImage(to, 'v2', copy)).digest).toBe(pushed.digest);
  expect((await collect(to.blobs.open(image.layer))).equals(image.layerBytes)).toBe(true);
});

describe('a layout', () => {
  it('has what was written, and nothing of what failed', async () => {
    await using folder = await temporaryFolder();
    const layout = await openLayout(folder.path);
    expect(await layout.has(descriptor)).toBe(false);
    const broken = (async function* () {
      yield content.subarray(0, 5);
      throw new Error('cut');
    })();
    await expect(layout.write(descriptor, broken)).rejects.toThrow('cut');
    expect(await readdir(join(folder.path, 'blobs/sha256'))).toEqual([]);
    await layout.write(descriptor, sourceOf(content, 3)());
    expect(await layout.has(descriptor)).toBe(true);
    expect(await layout.has({ ...descriptor, size: 1 })).toBe(false);
    expect((await collect(layout.read(descriptor))).toString()).toBe('bill of lading');
    expect((await collect(layout.read(descriptor, { offset: 8 }))).toString()).toBe('lading');
  });

  it.each([
    { size: 2_500_000, chunkBytes: 7_001 },
    { size: 3 * 1024 * 1024, chunkBytes: 1024 * 1024 },
    { size: 600, chunkBytes: 1 },
    { size: 0, chunkBytes: 1 },
  ])('has $size bytes that came in pieces of $chunkBytes', async ({ size, chunkBytes }) => {
    await using folder = await temporaryFolder();
    const layout = await openLayout(folder.path);
    const bytes = new Uint8Array(randomBytes(size));
    const large = await descriptorOf('application/octet-stream', bytes);
    await layout.write(large, sourceOf(bytes, chunkBytes)());
    expect((await collect(layout.read(large))).equals(bytes)).toBe(true);
  });

  it('does not take what was aborted', async () => {
    await using folder = await temporaryFolder();
    const layout = await openLayout(folder.path);
    const signal = AbortSignal.abort();
    await expect(layout.write(descriptor, sourceOf(content)(), { signal })).rejects.toMatchObject({
      code: Code.Canceled,
    });
    expect(await readdir(join(folder.path, 'blobs/sha256'))).toEqual([]);
  });

  it('gives a name to the last that asked for it, and keeps the other', async () => {
    await using folder = await temporaryFolder();
    const layout = await openLayout(folder.path);
    const [a, b] = await Promise.all(
      [1, 2].map(async (byte) => {
        const bytes = new Uint8Array([byte]);
        const made = await descriptorOf('application/octet-stream', bytes);
        await layout.write(made, sourceOf(bytes)());
        return made;
      }),
    );
    if (a === undefined || b === undefined) throw new Error('there are two');
    await layout.tag(a, 'v1');
    await layout.tag(a, 'v1');
    await layout.tag(a, 'latest');
    await layout.tag(b, 'v1');
    await layout.tag(a);
    expect((await layout.resolve('v1')).digest).toBe(b.digest);
    expect((await layout.resolve('latest')).digest).toBe(a.digest);
    await layout.tag(b, 'latest');
    const names = (await layout.images()).map(({ digest, annotations }) => [
      digest === a.digest ? 'a' : 'b',
      annotations?.['org.opencontainers.image.ref.name'],
    ]);
    expect(names).toEqual([
      ['a', undefined],
      ['b', 'v1'],
      ['b', 'latest'],
    ]);
    await expect(layout.resolve('v3')).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'MANIFEST_UNKNOWN',
      message: expect.stringContaining('there are v1, latest'),
    });
  });

  it('names nothing of which a part is not there', async () => {
    await using folder = await temporaryFolder();
    const layout = await openLayout(folder.path);
    const image = await randomImage();
    const top = await descriptorOf(MediaType.ImageManifest, image.manifest);
    const refused = (part: Digest) =>
      expect(layout.tag(top, 'v1')).rejects.toMatchObject({
        code: Code.Aborted,
        reason: 'BLOB_UNKNOWN',
        message: expect.stringContaining(part),
      });
    await refused(top.digest);
    await layout.write(top, sourceOf(image.manifest)());
    await refused(image.config.digest);
    await layout.write(image.config, sourceOf(image.configBytes)());
    await layout.write(image.layer, sourceOf(image.layerBytes)());
    await layout.tag(top, 'v1');
    await rm(join(folder.path, 'blobs/sha256', image.layer.digest.slice(7)));
    await refused(image.layer.digest);
    expect(await layout.images()).toHaveLength(1);
  });

  it('gets all names that are set at once, also through another opening', async () => {
    await using folder = await temporaryFolder();
    const [one, two] = [await openLayout(folder.path), await openLayout(folder.path)];
    const names = Array.from({ length: 20 }, (_, i) => `v${i}`);
    await one.write(descriptor, sourceOf(content)());
    await Promise.all(names.map((name, i) => (i % 2 === 0 ? one : two).tag(descriptor, name)));
    for (const name of names) expect((await one.resolve(name)).digest).toBe(descriptor.digest);
    const index = parseIndex(await readFile(join(folder.path, 'index.json')));
    expect(index.manifests).toHaveLength(20);
    expect((await readdir(folder.path)).toSorted()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  it.each(['sha256:../../../etc/passwd', 'sha256:', '../x:aa', '..:aa', `sha256:${'A'.repeat(64)}`, 'x:a/b'])(
    'is not left by the digest %s',
    async (digest) => {
      await using folder = await temporaryFolder();
      const layout = await openLayout(join(folder.path, 'layout'));
      const hostile: Descriptor = { ...descriptor, digest: digest as Digest };
      const refused = { code: Code.InvalidArgument, reason: 'DIGEST_INVALID' };
      await expect(layout.has(hostile)).rejects.toMatchObject(refused);
      await expect(layout.write(hostile, sourceOf(content)())).rejects.toMatchObject(refused);
      expect(() => layout.read(hostile)).toThrow(expect.objectContaining(refused));
      expect(await readdir(folder.path)).toEqual(['layout']);
    },
  );

  it.each(['', 'a b', '../x', 'a//b', '-a', 'a\nb', 'a'.repeat(1025)])(
    'has no image named %j',
    async (name) => {
      await using folder = await temporaryFolder();
      const layout = await openLayout(folder.path);
      await expect(layout.tag(descriptor, name)).rejects.toMatchObject({ code: Code.InvalidArgument });
      expect(await layout.images()).toEqual([]);
    },
  );

  it('is not opened where something else is', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}');
    await expect(openLayout(folder.path)).rejects.toMatchObject({ code: Code.InvalidArgument });
    await writeFile(join(folder.path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(join(folder.path, 'index.json'), '[]');
    await expect(openLayout(folder.path)).rejects.toMatchObject({ code: Code.InvalidArgument });
  });

  it('does not wait for a pipe in the place of a blob', async () => {
    await using folder = await temporaryFolder();
    const layout = await openLayout(folder.path);
    await mkdir(join(folder.path, 'blobs/sha512'));
    run('coreutils', 'mkfifo', [join(folder.path, 'blobs/sha256', descriptor.digest.slice(7))]);
    await expect(collect(layout.read(descriptor))).rejects.toMatchObject({ code: Code.InvalidArgument });
    expect(await layout.has(descriptor)).toBe(false);
    await symlink('/nowhere', join(folder.path, 'blobs/sha512', 'a'.repeat(128)));
    const lost = { ...descriptor, digest: `sha512:${'a'.repeat(128)}` as Digest };
    await expect(collect(layout.read(lost))).rejects.toMatchObject({
      code: Code.NotFound,
      reason: 'BLOB_UNKNOWN',
    });
  });
});

it('a folder that cannot be is refused at once', async () => {
  await expect(openLayout('/proc/no/layout')).rejects.toMatchObject({
    code: Code.NotFound,
    message: expect.stringContaining('/proc/no'),
  });
});
