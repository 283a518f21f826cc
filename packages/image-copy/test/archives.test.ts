// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Code } from '@lading/errors';
import { digestHex, parseManifest } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import { copyImage, createDockerArchive, listDockerArchive, openSource } from '../src/index.ts';
import { copy, makeFolder, makePodman, skopeo } from './programs.ts';

const run = promisify(execFile);
const policy = '--insecure-policy';

describe('docker-archive:', () => {
  it.each(['oci', 'v2s2'] as const)('is the bytes that skopeo writes (%s)', async (format) => {
    const cwd = await makeFolder();
    const image = await makeTestImage({ seed: '<docker> & "archive"', layers: 3, format });
    await copy(createMemorySource(image), 'dir:in', { cwd });
    await copy('dir:in', 'docker-archive:ours.tar:team/app:1', { cwd, additionalTags: ['b', 'quay.io/c:2'] });
    await skopeo(
      cwd,
      ...['copy', policy, '--additional-tag', 'b:latest', '--additional-tag', 'quay.io/c:2'],
      ...['dir:in', 'docker-archive:theirs.tar:team/app:1'],
    );
    const [ours, theirs] = await Promise.all(
      ['ours.tar', 'theirs.tar'].map((name) => readFile(join(cwd, name))),
    );
    if (format === 'v2s2') expect(ours?.equals(theirs ?? Buffer.alloc(0))).toBe(true);
    // skopeo writes the config of an OCI image anew, without what it does not know.
    else expect(await skopeo(cwd, 'inspect', '--raw', 'docker-archive:ours.tar')).toContain('layers');
  });

  it('gives the manifest that skopeo gives', async () => {
    const cwd = await makeFolder();
    await copy(createMemorySource(await makeTestImage({ seed: 'x' })), 'docker-archive:a.tar:app:1', { cwd });
    for (const reference of ['docker-archive:a.tar', 'docker-archive:a.tar:app', 'docker-archive:a.tar:@0']) {
      if (reference.endsWith(':app')) {
        await expect(skopeo(cwd, 'inspect', '--raw', reference)).rejects.toThrow();
        const source = await openSource(reference, { cwd });
        await expect(source.manifest()).rejects.toMatchObject({ reason: 'TAG_UNKNOWN' });
        await source.close();
        continue;
      }
      const source = await openSource(reference, { cwd });
      const { bytes } = await source.manifest();
      await source.close();
      expect(Buffer.from(bytes).toString()).toBe(await skopeo(cwd, 'inspect', '--raw', reference));
    }
  });

  it('is loaded by podman, and what podman saves is read, compressed too', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const images = await Promise.all(['one', 'two'].map((seed) => makeTestImage({ seed, format: 'v2s2' })));
    for (const [i, image] of images.entries()) {
      await copy(createMemorySource(image), `docker-archive:${i}.tar:example.com/app:${i}`, { cwd });
      await podman('load', '-q', '-i', join(cwd, `${i}.tar`));
      const id = await podman('image', 'inspect', '--format', '{{.Id}}', `example.com/app:${i}`);
      expect(id.trim()).toBe(digestHex(image.config.digest));
    }
    const [both, gzipped, zstd] = ['both.tar', 'both.tar.gz', 'both.tar.zst'].map((name) => join(cwd, name));
    await podman('save', '-q', '-m', '-o', both ?? '', 'example.com/app:0', 'example.com/app:1');
    const bytes = await readFile(both ?? '');
    await writeFile(gzipped ?? '', gzipSync(bytes));
    await writeFile(zstd ?? '', zstdCompressSync(bytes));
    for (const path of [both, gzipped, zstd]) {
      expect((await listDockerArchive(path ?? '')).map(({ tags }) => tags)).toEqual([
        ['example.com/app:0'],
        ['example.com/app:1'],
      ]);
      for (const [i, image] of images.entries()) {
        for (const which of [`example.com/app:${i}`, `@${i}`]) {
          const { config } = await copy(`docker-archive:${path}:${which}`, `oci:out:${i}`, { cwd });
          expect(config).toBe(image.config.digest);
        }
      }
      const alone = await openSource(`docker-archive:${path}`);
      await expect(alone.manifest()).rejects.toMatchObject({ reason: 'AMBIGUOUS' });
      await alone.close();
    }
    // A round trip gives the layers that were compressed by us, in a layout that skopeo reads.
    const raw = await skopeo(cwd, 'inspect', '--raw', 'oci:out:1');
    expect(parseManifest(raw).layers.map(({ mediaType }) => mediaType)).toEqual(
      images[1]?.layers.map(() => 'application/vnd.oci.image.layer.v1.tar+gzip'),
    );
    await skopeo(cwd, 'copy', policy, 'oci:out:1', 'dir:checked');
  });

  it('holds several images, whose common layers are there once', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const image = await makeTestImage({ seed: 'one', layers: 3 });
    const same = await makeTestImage({ seed: 'one', layers: 2 });
    const archive = await createDockerArchive(join(cwd, 'several.tar'));
    try {
      await copyImage(createMemorySource(image), archive.destination(['example.com/a']));
      await copyImage(createMemorySource(same), archive.destination(['example.com/b:2', 'example.com/c:3']));
      await archive.commit();
    } finally {
      await archive.abort();
    }
    const { stdout } = await run('tar', ['-tf', join(cwd, 'several.tar')]);
    expect(stdout.split('\n').filter((name) => /^[0-9a-f]+\.tar$/.test(name))).toHaveLength(3);
    await podman('load', '-q', '-i', join(cwd, 'several.tar'));
    const names = (await podman('images', '--format', '{{.Repository}}:{{.Tag}}')).trim().split('\n');
    expect(names.toSorted()).toEqual(['example.com/a:latest', 'example.com/b:2', 'example.com/c:3']);
    expect(JSON.parse(await skopeo(cwd, 'list-tags', 'docker-archive:several.tar'))).toMatchObject({
      Tags: ['example.com/a:latest', 'example.com/b:2', 'example.com/c:3'],
    });
  });
});

describe('oci-archive:', () => {
  it('goes between skopeo and podman and us with its digest', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const image = await makeTestImage({ seed: 'oci-archive', layers: 3 });
    await copy(createMemorySource(image), 'oci-archive:ours.tar:example.com/app:1', { cwd });
    await skopeo(cwd, 'copy', policy, 'oci-archive:ours.tar:example.com/app:1', 'oci-archive:theirs.tar:x');
    const copied = await copy('oci-archive:theirs.tar:x', 'oci:out:x', { cwd });
    expect(copied.descriptor.digest).toBe(image.top.digest);
    await podman('load', '-q', '-i', join(cwd, 'ours.tar'));
    await podman('save', '-q', '--format', 'oci-archive', '-o', join(cwd, 'saved.tar'), 'example.com/app:1');
    const saved = await copy('oci-archive:saved.tar', 'dir:saved', { cwd });
    expect(saved.config).toBe(image.config.digest);
  });

  it('is the same each time it is written', async () => {
    const cwd = await makeFolder();
    const image = await makeTestImage({ seed: 'same' });
    await copy(createMemorySource(image), 'oci-archive:one.tar:x', { cwd });
    await copy(createMemorySource(image), 'oci-archive:two.tar:x', { cwd });
    const [one, two] = await Promise.all(['one.tar', 'two.tar'].map((name) => readFile(join(cwd, name))));
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
  });
});

describe('tarball:', () => {
  it('is the image that skopeo makes of root file systems', async () => {
    const cwd = await makeFolder();
    const tar = [...(await makeTestImage({ seed: 'rootfs', layers: 1, saved: true })).blobs.values()][1];
    await writeFile(join(cwd, 'one.tar'), tar ?? '');
    await writeFile(join(cwd, 'two.tar.gz'), gzipSync(tar ?? ''));
    await utimes(join(cwd, 'one.tar'), 1_600_000_000.5, 1_600_000_000.5);
    await utimes(join(cwd, 'two.tar.gz'), 1_500_000_000, 1_500_000_000);
    const reference = 'tarball:one.tar:two.tar.gz';
    const source = await openSource(reference, { cwd });
    const { bytes } = await source.manifest();
    await source.close();
    expect(Buffer.from(bytes).toString()).toBe(await skopeo(cwd, 'inspect', '--raw', reference));
    await copy(reference, 'dir:ours', { cwd });
    await skopeo(cwd, 'copy', policy, reference, 'dir:theirs');
    const [ours, theirs] = await Promise.all(
      ['ours', 'theirs'].map((name) => readFile(join(cwd, name, 'manifest.json'), 'utf8')),
    );
    expect(ours).toBe(theirs);
  });

  it('has layers without compression of what xz and bzip2 have compressed', async () => {
    const cwd = await makeFolder();
    const tar = [...(await makeTestImage({ seed: 'packed', layers: 1, saved: true })).blobs.values()][1];
    await writeFile(join(cwd, 'one.tar'), tar ?? '');
    for (const program of ['xz', 'bzip2']) await run(program, ['--keep', 'one.tar'], { cwd });
    await copy('tarball:one.tar:one.tar', 'dir:plain', { cwd });
    await copy('tarball:one.tar.xz:one.tar.bz2', 'dir:packed', { cwd });
    const [plain, packed] = await Promise.all(
      ['plain', 'packed'].map(async (name) =>
        parseManifest(await readFile(join(cwd, name, 'manifest.json'))),
      ),
    );
    expect(packed?.layers).toEqual(plain?.layers);
    const layer = packed?.layers[0];
    if (layer === undefined) throw new Error('no layer');
    expect(
      (await readFile(join(cwd, 'packed', digestHex(layer.digest)))).equals(tar ?? Buffer.alloc(0)),
    ).toBe(true);
    expect(await skopeo(cwd, 'inspect', '--config', '--raw', 'dir:packed')).toContain(layer.digest);
    // A file that is another one by now is not passed on under the digest of the first.
    const source = await openSource('tarball:one.tar.xz', { cwd });
    await source.manifest();
    await writeFile(join(cwd, 'one.tar'), gzipSync(tar ?? ''));
    await run('xz', ['--keep', '--force', 'one.tar'], { cwd });
    await expect(Array.fromAsync(source.blob(layer))).rejects.toMatchObject({ code: Code.DataLoss });
    await source.close();
  });
});
