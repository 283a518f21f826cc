// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestBytes, encodeJson, MediaType, parseManifest } from '@lading/image-spec';
import { beforeEach, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { createMemorySource, makeTestImage, type TestImage } from '../src/conformance.ts';
import { copyImage, openDestination, openSource } from '../src/index.ts';
import { copy, later, makeFolder, skopeo } from './programs.ts';

let cwd: string;
let host: string;
const context = { tlsVerify: false };
beforeEach(async () => {
  cwd = await makeFolder();
  const registry = await startDockerRegistry({ schema1: true });
  later(async () => registry[Symbol.asyncDispose]());
  host = registry.host;
});

/** An image as builds make it: with steps that change no file, and with characters that Go writes as escapes. */
async function builtImage(seed: string): Promise<TestImage> {
  const image = await makeTestImage({ seed, format: 'v2s2', layers: 3 });
  const [first, second, third] = [1, 2, 3].map((i) => ({
    created: `2024-01-02T03:04:0${i}.120Z`,
    created_by: `RUN echo "<&>\u2028" > /file-${i}`,
    author: 'A <a@example.com>',
  }));
  const empty = {
    created: '2024-01-02T03:04:05Z',
    created_by: 'CMD ["sh"]',
    comment: 'é',
    empty_layer: true,
  };
  const config = encodeJson({
    os: 'linux',
    architecture: 'amd64',
    docker_version: '20.10.7',
    created: '2024-01-02T03:04:05.500Z',
    config: { Env: ['A=<b>'], Cmd: ['sh'] },
    container_config: { Cmd: ['sh', '-c', '#(nop) CMD'], Memory: 1.5 },
    history: [first, empty, second, third, empty],
    rootfs: { type: 'layers', diff_ids: image.diffIds },
  });
  const descriptor = { ...image.config, size: config.length, digest: await digestBytes(config) };
  const bytes = encodeJson({ ...parseManifest(image.top.bytes), config: descriptor });
  const top = { ...image.top, bytes, digest: await digestBytes(bytes) };
  return {
    ...image,
    config: descriptor,
    top,
    manifests: new Map([[top.digest, top]]),
    blobs: new Map([...image.blobs, [descriptor.digest, config]]),
  };
}

async function copyTo(image: TestImage, to: string, format: 'v2s1' | 'v2s2'): Promise<void> {
  const destination = await openDestination(to, { ...context, cwd });
  await copyImage(createMemorySource(image), destination, { format });
  await destination.close();
}

const unsigned = async (folder: string): Promise<Record<string, unknown>> => {
  const { signatures, ...rest } = JSON.parse(await readFile(join(cwd, folder, 'manifest.json'), 'utf8'));
  expect(signatures).toHaveLength(1);
  return rest;
};

describe("an image of Docker's schema 1", () => {
  it('is written as skopeo writes it, but for the key that is thrown away', async () => {
    await copyTo(await builtImage('written'), `docker://${host}/team/app:new`, 'v2s2');
    await copyTo(await builtImage('written'), `docker://${host}/team/app:ours`, 'v2s1');
    const theirs = `docker://${host}/team/app:ours-too`;
    const flags = ['--src-tls-verify=false', '--dest-tls-verify=false', '--format', 'v2s1'];
    await skopeo(cwd, 'copy', ...flags, `docker://${host}/team/app:new`, theirs);
    await copy(`docker://${host}/team/app:ours`, 'dir:ours', { ...context, cwd });
    await copy(theirs, 'dir:theirs', { ...context, cwd });
    expect({ ...(await unsigned('ours')), tag: '' }).toEqual({ ...(await unsigned('theirs')), tag: '' });
    expect((await readdir(join(cwd, 'ours'))).sort()).toEqual((await readdir(join(cwd, 'theirs'))).sort());
  });

  it.each([
    ['oci', MediaType.ImageManifest],
    ['v2s2', MediaType.DockerManifest],
  ] as const)('becomes one of %s with the config that skopeo makes', async (format, mediaType) => {
    await copyTo(await builtImage('read'), `docker://${host}/team/app:old`, 'v2s1');
    const from = `docker://${host}/team/app:old`;
    const source = await openSource(from, context);
    const destination = await openDestination('dir:ours', { cwd });
    const { config, descriptor } = await copyImage(source, destination, { format });
    await source.close();
    expect(descriptor.mediaType).toBe(mediaType);
    await skopeo(cwd, 'copy', '--src-tls-verify=false', '--format', 'v2s2', from, 'dir:theirs');
    const theirs = parseManifest(await readFile(join(cwd, 'theirs/manifest.json')));
    expect(config).toBe(theirs.config.digest);
    const ours = parseManifest(await readFile(join(cwd, 'ours/manifest.json')));
    expect(ours.layers.map(({ digest, size }) => [digest, size])).toEqual(
      theirs.layers.map(({ digest, size }) => [digest, size]),
    );
    if (format === 'v2s2') {
      expect(await readFile(join(cwd, 'ours/manifest.json'), 'utf8')).toBe(
        JSON.stringify(JSON.parse(await readFile(join(cwd, 'theirs/manifest.json'), 'utf8'))),
      );
    }
  });

  it('keeps its digest where its name stays the same', async () => {
    await copyTo(await builtImage('kept'), `docker://${host}/team/app:1`, 'v2s1');
    const other = await startDockerRegistry({ schema1: true });
    later(async () => other[Symbol.asyncDispose]());
    const { descriptor, sourceDigest } = await copy(
      `docker://${host}/team/app:1`,
      `docker://${other.host}/team/app:1`,
      context,
    );
    expect(descriptor.digest).toBe(sourceDigest);
  });

  it('is signed anew for another name, and skopeo takes it', async () => {
    await copyTo(await builtImage('renamed'), `docker://${host}/team/app:1`, 'v2s1');
    await copy(`docker://${host}/team/app:1`, `docker://${host}/other/name:2`, context);
    await skopeo(cwd, 'copy', '--src-tls-verify=false', `docker://${host}/other/name:2`, 'dir:out');
    expect(await unsigned('out')).toMatchObject({ name: 'other/name', tag: '2', schemaVersion: 1 });
  });

  it('that is to keep its digest does not change its name', async () => {
    await copyTo(await builtImage('fixed'), `docker://${host}/team/app:1`, 'v2s1');
    const source = await openSource(`docker://${host}/team/app:1`, context);
    const destination = await openDestination(`docker://${host}/other/name:2`, context);
    await expect(copyImage(source, destination, { preserveDigests: true })).rejects.toMatchObject({
      details: { side: 'destination' },
      message: expect.stringMatching(/names its place.*digests are to be preserved$/),
    });
    await source.close();
    await destination.close();
  });

  it('is made of one of schema 2 where a registry takes nothing else', async () => {
    const strict = await startDockerRegistry();
    later(async () => strict[Symbol.asyncDispose]());
    await copyTo(await builtImage('strict'), `docker://${host}/team/app:1`, 'v2s1');
    const { descriptor } = await copy(`docker://${host}/team/app:1`, `docker://${strict.host}/a:1`, context);
    expect(descriptor.mediaType).toBe(MediaType.DockerManifest);
  });

  it('that is not signed is read from a folder', async () => {
    await copyTo(await builtImage('folder'), `docker://${host}/team/app:1`, 'v2s1');
    await copy(`docker://${host}/team/app:1`, 'dir:signed', { ...context, cwd });
    const manifest = await unsigned('signed');
    await mkdir(join(cwd, 'unsigned'));
    for (const name of await readdir(join(cwd, 'signed'))) {
      await writeFile(join(cwd, 'unsigned', name), await readFile(join(cwd, 'signed', name)));
    }
    await writeFile(join(cwd, 'unsigned/manifest.json'), JSON.stringify(manifest));
    await copy('dir:unsigned', 'oci:ours:x', { cwd });
    await skopeo(cwd, 'copy', 'dir:unsigned', 'oci:theirs:x');
    const [ours, theirs] = await Promise.all(
      ['ours', 'theirs'].map((name) => skopeo(cwd, 'inspect', `oci:${name}:x`)),
    );
    const said = (text: string | undefined) => JSON.parse(text ?? '');
    // The config stays what it is, with what only Docker knows; skopeo leaves that out.
    const other = { Digest: '', DockerVersion: '' };
    expect({ ...said(ours), ...other }).toEqual({ ...said(theirs), ...other });
  });
});
