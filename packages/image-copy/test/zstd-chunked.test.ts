// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { digestBytes, type Manifest, parseImageConfig, parseManifest } from '@lading/image-spec';
import { openTable, packEntries, writeLayer } from '@lading/layer';
import { beforeEach, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../../../tools/test-support/docker-registry.ts';
import { copyImage, openDestination, openSource } from '../src/index.ts';
import { copy, later, makeFolder, makePodman, skopeo } from './programs.ts';

const prefix = 'io.github.containers.zstd-chunked.';
/** Debian's skopeo and podman are of a time when it was called so. */
const oldPrefix = 'io.containers.zstd-chunked.';
let cwd: string;
beforeEach(async () => {
  cwd = await makeFolder();
});

/** A layer with what the format knows: several chunks, holes, links, attributes, devices, times. */
async function makeLayout(): Promise<void> {
  const noise = randomBytes(400_000);
  const tar = packEntries(
    [
      { type: 'directory', path: 'etc', mode: 0o750, mtime: new Date(1.6e12) },
      { type: 'file', path: 'etc/small', content: 'small\n', mode: 0o640, uid: 5, gid: 6 },
      { type: 'file', path: 'etc/empty' },
      { type: 'file', path: 'etc/noise', content: noise, xattrs: { 'user.note': 'hello' } },
      { type: 'file', path: `etc/${'long-'.repeat(40)}`, content: 'x' },
      {
        type: 'file',
        path: 'etc/holes',
        content: Buffer.concat([noise.subarray(0, 9), Buffer.alloc(9000), noise]),
      },
      { type: 'file', path: 'etc/zeros', content: Buffer.alloc(300_000) },
      { type: 'link', path: 'etc/link', target: 'etc/small' },
      { type: 'symlink', path: 'etc/symlink', target: 'small' },
      { type: 'fifo', path: 'etc/fifo' },
      { type: 'char', path: 'etc/null', major: 1, minor: 3 },
    ],
    { timePrecision: 'nanosecond' },
  );
  const { diffId } = await writeLayer(tar, join(cwd, 'layer.tar'), { compression: 'none' });
  const source = await openSource('tarball:layer.tar', { cwd });
  const destination = await openDestination('oci:in:x', { cwd });
  await copyImage(source, destination);
  const { rootfs } = parseImageConfig(await blobOf('in', (await manifestOf('in')).config.digest));
  expect(rootfs.diff_ids).toEqual([diffId]);
}

async function manifestOf(layout: string): Promise<Manifest> {
  return parseManifest((await (await openSource(`oci:${layout}:x`, { cwd })).manifest()).bytes);
}

async function blobOf(layout: string, digest: string): Promise<Buffer> {
  return readFile(join(cwd, layout, 'blobs/sha256', digest.replace('sha256:', '')));
}

async function tableOf(layout: string, prefixThere: string) {
  const [layer] = (await manifestOf(layout)).layers;
  const blob = await blobOf(layout, layer?.digest ?? '');
  const [at = 0, bytes = 0] = (layer?.annotations?.[`${prefixThere}manifest-position`] ?? '')
    .split(':')
    .map(Number);
  const compressed = blob.subarray(at, at + bytes);
  expect(layer?.annotations?.[`${prefixThere}manifest-checksum`]).toBe(await digestBytes(compressed));
  return JSON.parse(zstdDecompressSync(compressed).toString()) as { entries: Record<string, unknown>[] };
}

async function openedTable(layout: string) {
  const [layer] = (await manifestOf(layout)).layers;
  if (layer === undefined) throw new Error('there is no layer');
  const blob = await blobOf(layout, layer.digest);
  return openTable(layer, async function* (start, end) {
    yield blob.subarray(start, end);
  });
}

async function chunk(to: string, context = {}): Promise<void> {
  const source = await openSource('oci:in:x', { cwd });
  const destination = await openDestination(to, { cwd, ...context });
  await copyImage(source, destination, { compression: { format: 'zstd:chunked' } });
  await source.close();
  await destination.close();
}

describe('layers that become zstd:chunked', () => {
  it('have the table of contents that skopeo gives them', async () => {
    await makeLayout();
    await chunk('oci:ours:x');
    await skopeo(cwd, 'copy', '--dest-compress-format', 'zstd:chunked', 'oci:in:x', 'oci:theirs:x');
    // Both compress with libraries of their own, so that places differ; old versions wrote times that are not there.
    const placeless = (entry: Record<string, unknown>) => {
      const { offset: _, endOffset: __, accesstime: ___, changetime: ____, ...rest } = entry;
      return rest;
    };
    const [ours, theirs] = [await tableOf('ours', prefix), await tableOf('theirs', oldPrefix)];
    expect(ours.entries.map(placeless)).toEqual(theirs.entries.map(placeless));
    expect(ours.entries.filter(({ chunkType }) => chunkType === 'zeros')).toHaveLength(1);
    // Both are read, and have the same files; only that of our time can be put together again.
    const [own, old] = [await openedTable('ours'), await openedTable('theirs')];
    const digests = (table: typeof own) =>
      [...(table?.files.values() ?? [])].map(({ name, digest }) => [name, digest]);
    expect(digests(own)).toHaveLength(5);
    expect(digests(own)).toEqual(digests(old));
    expect([own?.tarSplit === undefined, old?.tarSplit === undefined]).toEqual([false, true]);
  });

  it('are the same archive to the program zstd', async () => {
    await makeLayout();
    await chunk('oci:ours:x');
    const [layer] = (await manifestOf('ours')).layers;
    const blob = join(cwd, 'ours/blobs/sha256', (layer?.digest ?? '').replace('sha256:', ''));
    const tar = execFileSync('zstd', ['-dc', blob], { maxBuffer: 1 << 26 });
    const { rootfs } = parseImageConfig(await blobOf('ours', (await manifestOf('ours')).config.digest));
    expect(await digestBytes(tar)).toBe(rootfs.diff_ids[0]);
  });

  it('are pulled file by file by podman', async () => {
    await makeLayout();
    const registry = await startDockerRegistry();
    later(async () => registry[Symbol.asyncDispose]());
    await chunk('dir:chunked', { dirCompression: 'compressed' });
    const manifest = join(cwd, 'chunked/manifest.json');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replaceAll(prefix, oldPrefix));
    await copy('dir:chunked', `docker://${registry.host}/app:1`, { cwd, tlsVerify: false });
    const podman = await makePodman();
    const configuration = join(cwd, 'storage.conf');
    await writeFile(
      configuration,
      '[storage]\ngraphroot = "/var/tmp/x"\nrunroot = "/var/tmp/y"\ndriver = "overlay"\n[storage.options]\npull_options = {enable_partial_images = "true", use_hard_links = "false"}\n',
    );
    const before = process.env.CONTAINERS_STORAGE_CONF;
    process.env.CONTAINERS_STORAGE_CONF = configuration;
    later(async () => {
      if (before === undefined) delete process.env.CONTAINERS_STORAGE_CONF;
      else process.env.CONTAINERS_STORAGE_CONF = before;
    });
    await podman('pull', '-q', '--tls-verify=false', `${registry.host}/app:1`);
    const [stored] = JSON.parse(
      await readFile(join(podman.graphRoot, 'overlay-layers/layers.json'), 'utf8'),
    ) as Record<string, Record<string, string>>[];
    expect(stored?.['big-data-names']).toContain('zstd-chunked-manifest');
    const mounted = (await podman('image', 'mount', `${registry.host}/app:1`)).trim();
    execFileSync('tar', ['-xf', join(cwd, 'layer.tar'), '-C', cwd, '--xattrs']);
    execFileSync('diff', [
      '-r',
      '--no-dereference',
      '--exclude=fifo',
      '--exclude=null',
      join(cwd, 'etc'),
      join(mounted, 'etc'),
    ]);
    await podman('image', 'umount', `${registry.host}/app:1`);
  });

  it('stay as they are where zstd is asked for, and are made anew for gzip without a trace', async () => {
    await makeLayout();
    await chunk('oci:ours:x');
    for (const [format, same] of [
      ['zstd', true],
      ['gzip', false],
    ] as const) {
      const source = await openSource('oci:ours:x', { cwd });
      const destination = await openDestination(`oci:${format}:x`, { cwd });
      await copyImage(source, destination, { compression: { format } });
      const [before] = (await manifestOf('ours')).layers;
      const [after] = (await manifestOf(format)).layers;
      expect(after?.digest === before?.digest).toBe(same);
      expect(Object.keys(after?.annotations ?? {})).toHaveLength(same ? 3 : 0);
    }
  });
});
