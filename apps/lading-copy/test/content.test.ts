// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRepository } from '@lading/image-copy';
import { makeTestImage, makeTestIndex } from '@lading/image-copy/conformance';
import { descriptorOf, EmptyDescriptor, encodeJson, MediaType } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { byDigest, places, printed, refused, startLadingRegistry } from './places.ts';
import { ladingCopy, makeFolder, put } from './world.ts';

const plain = '--tls-verify=false';

describe.each(places)('in %s', (_name, makePlace) => {
  async function start(format?: 'oci' | 'v2s2') {
    const cwd = await makeFolder();
    const place = await makePlace(cwd);
    const image = await makeTestImage({ seed: 'content', ...(format === undefined ? {} : { format }) });
    if (format !== 'v2s2' || !place.startsWith('oci:')) await put(image, `${place}:1`);
    return { cwd, place, image };
  }
  async function tagsOf(place: string): Promise<readonly string[]> {
    await using opened = await openRepository(place, { tlsVerify: false });
    return (await Array.fromAsync(opened.repository.tags())).toSorted();
  }

  it('tags are given, many at once, and taken away, and the image stays', async () => {
    const { cwd, place, image } = await start();
    const named = byDigest(place, image.top.digest);
    expect(await printed(cwd, ['tag', plain, `${place}:1`, '1.4', '1.4.2', 'latest'])).toBe(`${named}\n`);
    expect(await tagsOf(place)).toEqual(['1', '1.4', '1.4.2', 'latest']);
    const made = image.top.digest.replace(':', '-');
    await printed(cwd, ['tag', plain, `${place}:1`, made, `${made}.sig`]);
    const list = async (...argv: readonly string[]) => (await printed(cwd, argv)).split('\n').toSorted();
    const digestTags = [made, `${made}.sig`];
    expect(await list('tag', 'ls', plain, place)).toEqual(['', '1', '1.4', '1.4.2', 'latest', ...digestTags]);
    const omitted = ['tag', 'list', '--omit-digest-tags', plain, place];
    expect(await list(...omitted)).toEqual(['', '1', '1.4', '1.4.2', 'latest']);
    const chosen = (...argv: string[]) =>
      printed(cwd, ['tag', 'ls', plain, '--omit-digest-tags', ...argv, place]);
    expect((await chosen('--include', '1\\..*')).split('\n').toSorted()).toEqual(['', '1.4', '1.4.2']);
    expect(await chosen('--include', '1.*', '--exclude', '1', '--exclude', '.*2')).toBe('1.4\n');
    expect(await chosen('--include', '4')).toBe('');
    expect(await chosen('--limit', '2')).toBe('1\n1.4\n');
    expect(await chosen('--last', '1.4')).toBe('1.4.2\nlatest\n');
    expect(await chosen('--last', '1', '--limit', '1', '--exclude', '1.4')).toBe('1.4.2\n');
    expect(await refused(cwd, ['tag', 'ls', plain, '--include', '(', place])).toMatch(/"\(" is no pattern/);
    expect(await refused(cwd, ['tag', 'ls', plain, '--limit', '0', place])).toMatch(/from 1 on/);
    await printed(cwd, ['untag', plain, ...digestTags.map((tag) => `${place}:${tag}`)]);
    expect(await printed(cwd, ['untag', plain, `${place}:1`, `${place}:1.4`])).toBe('');
    expect(await tagsOf(place)).toEqual(['1.4.2', 'latest']);
    expect(await printed(cwd, ['tag', 'delete', plain, `${place}:1.4.2`, `${place}:latest`])).toBe('');
    expect(await tagsOf(place).catch(() => [])).toEqual([]);
    expect(await printed(cwd, ['manifest', 'get', plain, named])).toBe(
      Buffer.from(image.top.bytes).toString(),
    );
    expect(await refused(cwd, ['untag', plain, `${place}:1`])).toMatch(/^Error: writing .*:1: .*\n$/);
  });

  it('tags go from images in Docker’s format, and from lists', async () => {
    const { cwd, place } = await start('v2s2');
    if (place.startsWith('docker:')) {
      const image = await makeTestImage({ seed: 'docker', format: 'v2s2' });
      await put(image, `${place}:docker`);
      await printed(cwd, ['untag', plain, `${place}:docker`]);
      await printed(cwd, ['resolve', plain, byDigest(place, image.top.digest)]);
    }
    const platform = { os: 'linux', architecture: 'amd64' };
    const list = await makeTestIndex([{ image: await makeTestImage({ seed: 'l', platform }), platform }]);
    await put(list, `${place}:list`, true);
    await printed(cwd, ['untag', plain, `${place}:list`]);
    expect(await printed(cwd, ['resolve', plain, byDigest(place, list.top.digest)])).toBe(
      `${byDigest(place, list.top.digest)}\n`,
    );
  });

  it('resolve says what a tag stands for, for one platform too', async () => {
    const { cwd, place, image } = await start();
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
    const images = await Promise.all(
      platforms.map(async (platform) => ({
        platform,
        image: await makeTestImage({ seed: platform.architecture, platform }),
      })),
    );
    const list = await makeTestIndex(images);
    await put(list, `${place}:list`, true);
    const resolve = (...argv: string[]) => printed(cwd, ['resolve', plain, ...argv]);
    expect(await resolve(`${place}:1`)).toBe(`${byDigest(place, image.top.digest)}\n`);
    expect(await resolve(`${place}:list`)).toBe(`${byDigest(place, list.top.digest)}\n`);
    for (const one of images) {
      const argv = ['--platform', `linux/${one.platform.architecture}`, `${place}:list`];
      expect(await resolve(...argv)).toBe(`${byDigest(place, one.image.top.digest)}\n`);
    }
    expect(await refused(cwd, ['resolve', plain, `${place}:none`])).toMatch(/^Error: reading .*none/);
  });

  it('blobs are read, written, asked for and deleted', async () => {
    const { cwd, place, image } = await start();
    const blob = (...argv: string[]) => printed(cwd, ['blob', ...argv]);
    const config = Buffer.from(image.blobs.get(image.config.digest) ?? []).toString();
    expect(await blob('get', plain, place, image.config.digest)).toBe(config);
    expect(JSON.parse(await blob('head', plain, place, image.config.digest))).toEqual({
      digest: image.config.digest,
      size: image.config.size,
    });
    const { digest } = await descriptorOf('text/plain', new TextEncoder().encode('from stdin'));
    expect(await printed(cwd, ['blob', 'put', plain, place], { stdin: 'from stdin' })).toBe(`${digest}\n`);
    expect(await blob('get', plain, place, digest)).toBe('from stdin');
    await writeFile(join(cwd, 'file'), 'from a file');
    const fromFile = (await blob('put', plain, place, 'file')).trim();
    expect(await blob('get', plain, place, fromFile)).toBe('from a file');
    const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    for (const other of [`oci:${cwd}/others`, `docker://${await startLadingRegistry()}/others`]) {
      expect(await blob('copy', ...insecure, place, other, fromFile)).toBe(`${fromFile}\n`);
      expect(await blob('get', plain, other, fromFile)).toBe('from a file');
    }
    expect(await blob('delete', plain, place, fromFile)).toBe('');
    const gone = ['blob', 'copy', ...insecure, place, `oci:${cwd}/third`, fromFile];
    expect(await refused(cwd, gone)).toMatch(/^Error: reading .*there is no blob sha256:/);
    expect(await refused(cwd, ['blob', 'get', plain, place, fromFile])).toContain(fromFile);
    expect(await refused(cwd, ['blob', 'head', plain, place, 'sha256:1'])).toMatch(/"sha256:1" is no digest/);
    expect(await refused(cwd, ['blob', 'put', plain, place, 'none'])).toMatch(
      /^Error: cannot read .*none: ENOENT/,
    );
  });

  it('manifests are read, written, compared and deleted', async () => {
    const { cwd, place, image } = await start();
    const manifest = (...argv: string[]) => printed(cwd, ['manifest', ...argv]);
    expect(JSON.parse(await manifest('head', plain, `${place}:1`))).toEqual({
      mediaType: image.top.mediaType,
      digest: image.top.digest,
      size: image.top.bytes.length,
    });
    const changed = encodeJson({
      ...JSON.parse(Buffer.from(image.top.bytes).toString()),
      annotations: { note: 'a\u001b[31mb' },
    });
    await writeFile(join(cwd, 'manifest.json'), changed);
    const { digest } = await descriptorOf(image.top.mediaType, changed);
    expect(await manifest('put', plain, `${place}:2`, 'manifest.json')).toBe(`${byDigest(place, digest)}\n`);
    const stdin = Buffer.from(changed).toString();
    expect(await printed(cwd, ['manifest', 'put', plain, `${place}:3`, '-'], { stdin })).toBe(
      `${byDigest(place, digest)}\n`,
    );
    const diff = await manifest('diff', plain, `${place}:1`, `${place}:2`);
    const lines = diff.split('\n').filter((line) => /^[+-](?![+-])/.test(line));
    expect(lines).toEqual(['-  ]', '+  ],', '+  "annotations": {', '+    "note": "a\\u001b[31mb"', '+  }']);
    expect(await manifest('diff', plain, `${place}:2`, `${place}:3`)).toBe('');
    expect(await manifest('delete', plain, `${place}:2`)).toBe('');
    expect(await refused(cwd, ['manifest', 'get', plain, `${place}:3`])).toMatch(/^Error: reading /);
    expect(await manifest('get', plain, `${place}:1`)).toBe(Buffer.from(image.top.bytes).toString());
    const wrong = byDigest(place, image.top.digest);
    expect(await refused(cwd, ['manifest', 'put', plain, wrong, 'manifest.json'])).toMatch(/has the digest/);
    await writeFile(join(cwd, 'no.json'), '{');
    expect(await refused(cwd, ['manifest', 'put', plain, `${place}:4`, 'no.json'])).toMatch(
      /not a JSON document/,
    );
  });

  it('files are kept as an artifact, attached to an image, and come back', async () => {
    const { cwd, place, image } = await start();
    await writeFile(join(cwd, 'notes.md'), '# Notes\n');
    await writeFile(join(cwd, 'data'), 'data');
    const stored = await printed(cwd, [
      ...['artifact', 'put', plain, '--artifact-type', 'application/x.notes', '-a', 'by=hand'],
      ...[`${place}:notes`, 'notes.md:text/markdown', 'data'],
    ]);
    const manifest = JSON.parse(await printed(cwd, ['manifest', 'get', plain, stored.trim()]));
    expect(manifest).toMatchObject({
      artifactType: 'application/x.notes',
      annotations: { by: 'hand' },
      config: EmptyDescriptor,
      layers: [
        { mediaType: 'text/markdown', annotations: { 'org.opencontainers.image.title': 'notes.md' } },
        { mediaType: 'application/octet-stream' },
      ],
    });
    const get = ['artifact', 'get', plain];
    expect(await printed(cwd, [...get, '--media-type', 'text/markdown', `${place}:notes`])).toBe('# Notes\n');
    expect(await printed(cwd, [...get, '-o', 'out', `${place}:notes`])).toBe('out/notes.md\nout/data\n');
    expect(await readFile(join(cwd, 'out/data'), 'utf8')).toBe('data');
    expect((await ladingCopy(cwd, [...get, '-o', 'out', `${place}:notes`])).stderr).toMatch(
      /out\/notes.md is there already; --overwrite replaces it\n$/,
    );
    await printed(cwd, [...get, '--overwrite', '-o', 'out', `${place}:notes`]);
    expect((await readdir(join(cwd, 'out'))).toSorted()).toEqual(['data', 'notes.md']);
    expect(await refused(cwd, [...get, `${place}:notes`])).toMatch(/^Error: 2 files would be printed/);
    const attached = await printed(cwd, [
      ...['attach', plain, '--artifact-type', 'application/x.notes', `${place}:1`, 'notes.md:text/markdown'],
    ]);
    const list = ['referrers', plain, '--format', '{{.ArtifactType}} {{.Digest}}', `${place}:1`];
    expect(await printed(cwd, list)).toBe(`application/x.notes ${attached.trim().split('@').at(-1)}\n`);
    expect(JSON.parse(await printed(cwd, ['manifest', 'get', plain, attached.trim()])).subject).toEqual({
      mediaType: image.top.mediaType,
      digest: image.top.digest,
      size: image.top.bytes.length,
    });
    expect(await refused(cwd, ['attach', plain, `${place}:1`, 'data'])).toMatch(/needs a type; give one\n$/);
  });
});

describe('of every transport', () => {
  it.each(['dir:out', 'docker-archive:out.tar:a/b:1', 'oci-archive:out.tar:x', 'oci:out:x'])(
    'manifest, config and listed blobs come from %s',
    async (to) => {
      const cwd = await makeFolder();
      await put(await makeTestImage({ seed: 'any', layers: 1 }), `oci:${cwd}/in:x`);
      await printed(cwd, ['copy', '-q', 'oci:in:x', to]);
      const config = await printed(cwd, ['config', 'get', to]);
      expect(config).toBe(await printed(cwd, ['config', 'get', 'oci:in:x']));
      const manifest = JSON.parse(await printed(cwd, ['manifest', 'get', to]));
      expect(await printed(cwd, ['blob', 'get', to, manifest.config.digest])).toBe(config);
    },
  );

  it.each([
    [['tag', 'dir:x', 'a'], /this works with docker:\/\/HOST\/PATH and oci:PATH/],
    [['tag', 'oci:x', '../a'], /"..\/a" is no tag/],
    [['untag', 'oci:x'], /does not name a tag/],
    [['untag', `docker://a.net/b@sha256:${'a'.repeat(64)}`], /does not name a tag/],
    [['manifest', 'delete', 'oci:x'], /names no image: give its tag or digest/],
    [
      ['resolve', 'oci:none:x'],
      /^Error: reading oci:none:x: the layout is empty; check the name and the tag\n$/,
    ],
    [['resolve', '--platform', 'a b', 'oci:x:y'], /platform/],
    [['artifact', 'put', '--artifact-type', 'a/b', 'oci:x', 'none'], /cannot read .*none: ENOENT/],
    [['artifact', 'put', '-a', 'x', 'oci:x', 'none'], /cannot read|"x" is not KEY=VALUE/],
  ] as const)('%j is refused', async (argv, message) => {
    expect(await refused(await makeFolder(), argv)).toMatch(message);
  });

  it('a registry lists its repositories', async () => {
    const [host, cwd] = [await startLadingRegistry(), await makeFolder()];
    for (const name of ['b', 'a/c'])
      await put(await makeTestImage({ seed: name }), `docker://${host}/${name}:1`);
    expect(await printed(cwd, ['catalog', plain, host])).toBe('a/c\nb\n');
    expect(await printed(cwd, ['catalog', plain, `docker://${host}/`])).toBe('a/c\nb\n');
  });
});

describe('an artifact of a stranger', () => {
  it.each(['../out', '/etc/passwd', 'a/../../b', 'a//b', '.', 'x\u001b[2J', 'a\\b'])(
    'with a file named %j is not written',
    async (title) => {
      const cwd = await makeFolder();
      await using opened = await openRepository('oci:in', { cwd }, { use: 'write' });
      const bytes = new TextEncoder().encode('evil');
      const layer = await descriptorOf('text/plain', bytes, {
        annotations: { 'org.opencontainers.image.title': title },
      });
      await opened.repository.pushBlob(layer, async function* () {
        yield bytes;
      });
      const manifest = {
        schemaVersion: 2,
        mediaType: MediaType.ImageManifest,
        artifactType: 'a/b',
        config: EmptyDescriptor,
        layers: [layer],
      };
      await opened.repository.pushManifest(encodeJson(manifest), {
        mediaType: MediaType.ImageManifest,
        tags: ['x'],
      });
      const stderr = await refused(cwd, ['artifact', 'get', '-o', 'out', 'oci:in:x']);
      expect(stderr).toMatch(/which could lead out of the folder\n$/);
      expect(stderr).not.toContain('\u001b');
      expect(await readdir(cwd)).toEqual(['in']);
    },
  );

  it('does not write through a link that is where its file is to be', async () => {
    const cwd = await makeFolder();
    await writeFile(join(cwd, 'f'), 'new');
    await printed(cwd, ['artifact', 'put', '--artifact-type', 'a/b', 'oci:in:x', 'f']);
    await writeFile(join(cwd, 'mine'), 'mine');
    await printed(cwd, ['artifact', 'get', '-o', 'other', 'oci:in:x']);
    await makeLink(join(cwd, 'out'), join(cwd, 'mine'));
    await ladingCopy(cwd, ['artifact', 'get', '--overwrite', '-o', 'out', 'oci:in:x']);
    expect(await readFile(join(cwd, 'mine'), 'utf8')).toBe('mine');
    expect(await readFile(join(cwd, 'out/f'), 'utf8')).toBe('new');
  });
});

async function makeLink(folder: string, target: string): Promise<void> {
  await mkdir(folder);
  await symlink(target, join(folder, 'f'));
}
