// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyImage, createDockerArchive } from '@lading/image-copy';
import { createMemorySource, makeTestImage, makeTestIndex } from '@lading/image-copy/conformance';
import { digestBytes, MediaType, parseManifest } from '@lading/image-spec';
import { startRegistry } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { ladingCopy, later, makeFolder, type Outcome, put, tool } from './world.ts';

/** The same command line to both programs, which are to end alike and to leave the same. */
async function both(cwd: string, argv: readonly string[]): Promise<{ ours: Outcome; theirs: Outcome }> {
  const theirs = await tool(cwd, 'skopeo', ['--insecure-policy', ...argv]);
  const ours = await ladingCopy(cwd, argv);
  return { ours, theirs };
}

/** All files of a folder with their digests, or of a file its own. */
async function contents(path: string): Promise<unknown> {
  const names = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (names === undefined) return readFile(path).then(digestBytes, () => undefined);
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.toSorted().map(async (file) => [file.slice(path.length), await digestBytes(await readFile(file))]),
  );
}

async function images(cwd: string): Promise<void> {
  const docker = await makeTestImage({ seed: 'places', layers: 3, format: 'v2s2' });
  await put(docker, `dir:${cwd}/in-dir`);
  await put(await makeTestImage({ seed: 'places', layers: 3 }), `oci:${cwd}/in-oci:name`);
  await put(docker, `docker-archive:${cwd}/in.tar:example.com/app:1`);
  const archive = await createDockerArchive(join(cwd, 'several.tar'));
  for (const [seed, names] of [
    ['a', ['a', 'quay.io/b:2']],
    ['b', []],
    ['c', ['c:3']],
  ] as const) {
    await copyImage(createMemorySource(await makeTestImage({ seed })), archive.destination(names));
  }
  await archive.commit();
}

describe('the same words to lading-copy and to skopeo', () => {
  const written: [argv: readonly string[], place: string][] = [
    [['in-dir', 'out'], 'dir'],
    [['in-dir', 'out.tar'], 'docker-archive'],
    [['in-dir', 'out.tar:team/app'], 'docker-archive'],
    [['in-dir', 'out.tar:team/app:2', '--additional-tag=b:1,quay.io/c:3'], 'docker-archive'],
    [['in-dir', 'out', '--dest-decompress'], 'dir'],
    [['in-dir', 'out', '--format=v2s2'], 'dir'],
    [['in-dir', 'out', '--preserve-digests'], 'dir'],
    [['in-dir', 'out', '--multi-arch=system'], 'dir'],
    [['in-dir', 'out', '--multi-arch=all'], 'dir'],
    [['in-dir', 'out', '--multi-arch=index-only'], 'dir'],
  ];
  it.each(written)(
    'copy dir:%j into %s gives the same bytes',
    async ([from = '', to = '', ...flags], transport) => {
      const cwd = await makeFolder();
      await images(cwd);
      const target = to.replace(/:.*/, '');
      const outcomes: [number, unknown][] = [];
      for (const program of ['skopeo', 'lading-copy'] as const) {
        const argv = ['copy', ...flags, `dir:${from}`, `${transport}:${to}`];
        const { code, stderr } =
          program === 'skopeo'
            ? await tool(cwd, 'skopeo', ['--insecure-policy', ...argv])
            : await ladingCopy(cwd, argv);
        expect(code === 0 ? '' : `${program}: ${stderr}`).toBe('');
        outcomes.push([code, await contents(join(cwd, target))]);
        await rm(join(cwd, target), { recursive: true, force: true });
      }
      expect(outcomes[1]).toEqual(outcomes[0]);
    },
  );

  const said: (readonly string[])[] = [
    ['inspect', 'docker-archive:in.tar'],
    ['inspect', 'docker-archive:in.tar:example.com/app:1'],
    ['inspect', '--raw', 'docker-archive:in.tar:@0'],
    ['inspect', '--config', 'docker-archive:in.tar'],
    ['inspect', '--config', '--raw', 'docker-archive:several.tar:@1'],
    ['inspect', 'docker-archive:several.tar:quay.io/b:2'],
    ['inspect', 'oci-archive:in-oci.tar'],
    ['inspect', '--raw', 'oci-archive:in-oci.tar:name'],
    ['inspect', 'oci:in-oci:name'],
    ['inspect', 'dir:in-dir'],
    ['inspect', '--raw', 'tarball:rootfs.tar'],
    ['inspect', 'tarball:rootfs.tar'],
    ['inspect', '--shared-blob-dir', 'in-oci/blobs', 'oci:in-oci:name'],
    ['list-tags', 'docker-archive:in.tar'],
    ['list-tags', 'docker-archive:several.tar'],
  ];
  it.each(said)('%s %s %s %s give the same answer', async (...argv) => {
    const cwd = await makeFolder();
    await images(cwd);
    await ladingCopy(cwd, ['copy', '-q', 'oci:in-oci:name', 'oci-archive:in-oci.tar:name']);
    const [, layer = new Uint8Array()] = [
      ...(await makeTestImage({ seed: 'x', saved: true })).blobs.values(),
    ];
    await writeFile(join(cwd, 'rootfs.tar'), layer);
    const words = argv.filter((word) => word !== undefined);
    const { ours, theirs } = await both(cwd, words);
    expect({ code: ours.code, stderr: ours.stderr }).toEqual({ code: theirs.code, stderr: '' });
    // Debian's skopeo is from before this member.
    expect(ours.stdout.replace(/ {4}"LayersData": \[.*?\n {4}\],\n/s, '')).toBe(theirs.stdout);
  });

  const refused: (readonly string[])[] = [
    ['list-tags', 'dir:in-dir'],
    ['list-tags', 'docker-archive:none.tar'],
    ['inspect', 'docker-archive:several.tar'],
    ['inspect', 'docker-archive:several.tar:@3'],
    ['inspect', 'docker-archive:several.tar:none'],
    ['inspect', 'docker-archive:several.tar:@-1'],
    ['inspect', 'docker-archive:in-dir/manifest.json'],
    ['inspect', 'oci-archive:in.tar'],
    ['inspect', '--daemon-host=unix:///none', 'docker-daemon:a:1'],
    ['copy', 'dir:in-dir', 'docker-archive:in.tar:again'],
    ['copy', 'dir:in-dir', 'docker-archive:out.tar:@1'],
    ['copy', 'dir:in-dir', 'tarball:out.tar'],
    ['copy', 'tarball:none.tar', 'dir:out'],
    ['copy', '--dest-compress', '--dest-decompress', 'dir:in-dir', 'dir:out'],
    ['copy', '--dest-compress-format=lzma', 'dir:in-dir', 'dir:out'],
    ['copy', '--additional-tag=UPPER', 'dir:in-dir', 'docker-archive:out.tar'],
    ['copy', '--multi-arch=some', 'dir:in-dir', 'dir:out'],
    ['copy', '--all', '--multi-arch=all', 'dir:in-dir', 'dir:out'],
    ['copy', '--additional-tag=untagged', 'dir:in-dir', 'docker-archive:out.tar'],
    ['copy', '--format=v2s2', '--dest-compress-format=zstd', '--dest-compress', 'dir:in-dir', 'dir:out'],
  ];
  it.each(refused)('%s %s %s %s %s %s are refused by both, in one line', async (...argv) => {
    const cwd = await makeFolder();
    await images(cwd);
    const before = await contents(cwd);
    const words = argv.filter((word) => word !== undefined);
    const ours = await ladingCopy(cwd, words);
    expect(await contents(cwd)).toEqual(before);
    const theirs = await tool(cwd, 'skopeo', ['--insecure-policy', ...words]);
    // What skopeo has on stdout is its progress.
    expect({ code: ours.code, stdout: ours.stdout, lines: ours.stderr.split('\n').length }).toEqual({
      code: theirs.code,
      stdout: '',
      lines: 2,
    });
  });
});

describe('compression', () => {
  it('of layers is the one that is asked for, in a registry and a layout that skopeo reads', async () => {
    const cwd = await makeFolder();
    await images(cwd);
    const registry = await startRegistry();
    later(() => registry.close());
    const zstd = ['--dest-compress-format=zstd', '--dest-compress-level=5'];
    for (const [flags, to, mediaType] of [
      [zstd, `docker://${registry.host}/team/app:zstd`, MediaType.LayerZstd],
      [zstd, 'oci:zstd:x', MediaType.LayerZstd],
      [[], `docker://${registry.host}/team/app:gzip`, MediaType.DockerLayerGzip],
      [['--dest-oci-accept-uncompressed-layers'], 'oci:plain:x', MediaType.LayerGzip],
    ] as const) {
      const argv = ['copy', '-q', '--dest-tls-verify=false', ...flags, 'docker-archive:in.tar', to];
      expect(await ladingCopy(cwd, argv)).toEqual({ code: 0, stdout: '', stderr: '' });
      const raw = await tool(cwd, 'skopeo', ['inspect', '--tls-verify=false', '--raw', to]);
      const types = parseManifest(raw.stdout).layers.map((layer) => layer.mediaType);
      expect([to, ...new Set(types)]).toEqual([to, mediaType]);
      if (mediaType === MediaType.LayerZstd || to.startsWith('oci:plain')) continue;
      const back = ['--insecure-policy', 'copy', '--src-tls-verify=false', to, `docker-archive:back.tar:x`];
      expect((await tool(cwd, 'skopeo', back)).code).toBe(0);
    }
  });
});

describe('an index', () => {
  it('goes alone to where its images are', async () => {
    const cwd = await makeFolder();
    const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
    const list = await Promise.all(
      platforms.map(async (platform) => ({
        image: await makeTestImage({ seed: platform.architecture, platform }),
        platform,
      })),
    );
    await put(await makeTestIndex(list), `oci:${cwd}/in:x`, true);
    const outcomes: unknown[] = [];
    for (const program of ['skopeo', 'lading-copy'] as const) {
      const argv = ['copy', '--multi-arch=index-only', 'oci:in:x', 'dir:out'];
      const { code } =
        program === 'skopeo'
          ? await tool(cwd, 'skopeo', ['--insecure-policy', ...argv])
          : await ladingCopy(cwd, argv);
      outcomes.push([code, await contents(join(cwd, 'out'))]);
      await rm(join(cwd, 'out'), { recursive: true, force: true });
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });
});
