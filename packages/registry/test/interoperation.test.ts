// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestBytes, digestHex, MediaType } from '@lading/image-spec';
import { beforeEach, describe, expect, it } from 'vitest';
import { type IndexLayout, writeIndexLayout } from './index-layout.ts';
import { later, listening, makeCertificate, makeFolder, output } from './program.ts';

/** How the three tools reach a registry. */
interface World {
  readonly host: string;
  /** Of podman and buildah, and of skopeo's commands with one registry. */
  readonly flags: readonly string[];
  /** Of `skopeo copy` and `skopeo sync`. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

const worlds = [
  {
    name: 'in the clear and in memory',
    async enter(): Promise<World> {
      const { host } = await listening();
      const [flags, from, to] = ['', 'src-', 'dest-'].map((side) => [`--${side}tls-verify=false`]);
      return { host, flags: flags ?? [], from: from ?? [], to: to ?? [] };
    },
  },
  {
    name: 'with TLS, a password and a folder',
    async enter(): Promise<World> {
      const { cert, key, authority } = await makeCertificate();
      const folder = await makeFolder();
      const users = join(folder, 'users');
      await output('htpasswd', ['-bcB', users, 'anna', 'secret']);
      const tls = ['--tls-cert', cert, '--tls-key', key];
      const { host } = await listening(['--root', join(folder, 'root'), '--htpasswd', users, ...tls]);
      const [flags, from, to] = ['', 'src-', 'dest-'].map((side) => [
        `--${side}creds=anna:secret`,
        `--${side}cert-dir=${authority}`,
      ]);
      return { host, flags: flags ?? [], from: from ?? [], to: to ?? [] };
    },
  },
];

const skopeo = (...args: readonly string[]) => output('skopeo', args);

/** Roots for podman and buildah. */
async function makeStore(): Promise<{
  podman(...args: readonly string[]): Promise<string>;
  buildah(...args: readonly string[]): Promise<string>;
  readonly folder: string;
}> {
  // In memory where there is such a folder: overlay cannot be stacked on every file system that a /tmp is on.
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lading-registry-'));
  later(async () => {
    // The tools of containers/storage keep this folder mounted on itself.
    await output('umount', ['-l', join(folder, 'graph/overlay')]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });
  const roots = [
    '--root',
    join(folder, 'graph'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver',
    'overlay',
  ];
  await writeFile(join(folder, 'auth.json'), '{}');
  const env = { ...process.env, REGISTRY_AUTH_FILE: join(folder, 'auth.json'), HOME: folder };
  return {
    folder,
    podman: (...args) => output('podman', [...roots, '--cgroup-manager', 'cgroupfs', ...args], { env }),
    buildah: (...args) => output('buildah', [...roots, ...args], { env }),
  };
}

/** Every blob of a layout, by digest: what a copy must have brought along byte by byte. */
async function blobsOf(layout: string): Promise<ReadonlySet<string>> {
  const folder = join(layout, 'blobs/sha256');
  const names = await readdir(folder);
  for (const name of names) {
    expect(digestHex(await digestBytes(await readFile(join(folder, name))))).toBe(name);
  }
  return new Set(names);
}

describe.each(worlds)('a registry $name', ({ enter }) => {
  let world: World;
  let image: IndexLayout;
  let layout = '';
  beforeEach(async () => {
    layout = join(await makeFolder(), 'image');
    [world, image] = await Promise.all([enter(), writeIndexLayout(layout)]);
  });

  it('gives an index of two platforms back to skopeo as it took it', async () => {
    const { host, from, to, flags } = world;
    const back = join(await makeFolder(), 'back');
    const name = `docker://${host}/demo/multi:latest`;
    await skopeo('copy', '--all', ...to, `oci:${layout}:latest`, name);
    expect(await digestBytes(Buffer.from(await skopeo('inspect', '--raw', ...flags, name)))).toBe(
      image.index.digest,
    );
    await skopeo('copy', '--all', ...from, name, `oci:${back}:latest`);
    expect(await readFile(join(back, 'index.json'), 'utf8')).toContain(image.index.digest);
    expect(await blobsOf(back)).toEqual(new Set(image.blobs.map(({ digest }) => digestHex(digest))));
  });

  it('takes and gives the formats of Docker and of the OCI', async () => {
    const { host, from, to, flags } = world;
    const folder = await makeFolder();
    const name = (tag: string) => `docker://${host}/demo/formats:${tag}`;
    const raw = async (tag: string) => JSON.parse(await skopeo('inspect', '--raw', ...flags, name(tag)));
    const arm = ['--override-arch', 'arm64'];
    await skopeo('copy', ...arm, ...to, `oci:${layout}:latest`, name('oci'));
    await skopeo('copy', '--format', 'v2s2', ...from, ...to, name('oci'), name('docker'));
    await skopeo('copy', '--format', 'oci', ...from, ...to, name('docker'), name('again'));
    const [oci, docker, again] = [await raw('oci'), await raw('docker'), await raw('again')];
    expect([oci.mediaType, docker.mediaType]).toEqual([MediaType.ImageManifest, MediaType.DockerManifest]);
    expect(docker.layers.map(({ digest }: { digest: string }) => digest)).toEqual(
      oci.layers.map(({ digest }: { digest: string }) => digest),
    );
    expect(again.config.digest).toBe(oci.config.digest);
    await skopeo('copy', ...from, name('docker'), `dir:${folder}/dir`);
    expect(JSON.parse(await readFile(join(folder, 'dir/manifest.json'), 'utf8'))).toEqual(docker);
  });

  it('lists, deletes and syncs for skopeo', async () => {
    const { host, from, to, flags } = world;
    const folder = await makeFolder();
    const name = `docker://${host}/demo/many`;
    for (const tag of ['v1', 'v2', 'v3']) {
      await skopeo('copy', '--all', ...to, `oci:${layout}:latest`, `${name}:${tag}`);
    }
    const tags = async (): Promise<string[]> => JSON.parse(await skopeo('list-tags', ...flags, name)).Tags;
    expect(await tags()).toEqual(['v1', 'v2', 'v3']);
    await skopeo('sync', '--all', '--src', 'docker', '--dest', 'dir', ...from, `${host}/demo/many`, folder);
    expect((await readdir(folder)).sort()).toEqual(['many:v1', 'many:v2', 'many:v3']);
    const synced = await readFile(join(folder, 'many:v2/manifest.json'));
    expect(await digestBytes(synced)).toBe(image.index.digest);
    await skopeo('sync', '--all', '--src', 'dir', '--dest', 'docker', ...to, folder, `${host}/mirror`);
    const mirrored = await skopeo('inspect', '--raw', ...flags, `docker://${host}/mirror/many:v3`);
    expect(await digestBytes(Buffer.from(mirrored))).toBe(image.index.digest);
    // skopeo deletes the manifest that the tag points at, and so every tag of it.
    await skopeo('delete', ...flags, `${name}:v1`);
    expect((await tags()) ?? []).toEqual([]);
  });

  it('is pulled from and pushed to by podman', async () => {
    const { host, to, flags } = world;
    const { podman, folder } = await makeStore();
    const name = `${host}/demo/app`;
    await skopeo('copy', '--all', ...to, `oci:${layout}:latest`, `docker://${name}:v1`);
    await podman('pull', '-q', ...flags, '--arch', 'amd64', `${name}:v1`);
    const [found] = JSON.parse(await podman('image', 'inspect', `${name}:v1`));
    expect(found.RepoDigests).toEqual(
      expect.arrayContaining([`${name}@${image.index.digest}`, `${name}@${image.manifests[0]?.digest}`]),
    );
    const digestFile = join(folder, 'digest');
    await podman('push', '-q', ...flags, '--digestfile', digestFile, `${name}:v1`, `${host}/other/app:v2`);
    const pushed = await readFile(digestFile, 'utf8');
    const raw = await skopeo('inspect', '--raw', ...flags, `docker://${host}/other/app:v2`);
    expect(await digestBytes(Buffer.from(raw))).toBe(pushed);
    await podman('rmi', '-f', found.Id);
    expect((await podman('pull', '-q', ...flags, `${host}/other/app@${pushed}`)).trim()).toBe(found.Id);
  });

  it('is pulled from and pushed to by buildah', async () => {
    const { host, flags } = world;
    const { buildah, folder } = await makeStore();
    await writeFile(join(folder, 'hello'), 'hello');
    const container = (await buildah('from', 'scratch')).trim();
    await buildah('copy', '-q', container, join(folder, 'hello'), '/hello');
    await buildah('commit', '-q', container, 'local');
    await buildah('rm', container);
    const id = (await buildah('images', '-q', '--no-trunc', 'local')).trim();
    for (const [format, type] of [
      ['oci', MediaType.ImageManifest],
      ['v2s2', MediaType.DockerManifest],
    ]) {
      const name = `docker://${host}/built/hello:${format}`;
      await buildah('push', '-q', ...flags, '--format', format ?? '', 'local', name);
      expect(JSON.parse(await skopeo('inspect', '--raw', ...flags, name)).mediaType).toBe(type);
    }
    await buildah('rmi', '-f', '-a');
    await buildah('pull', '-q', ...flags, `docker://${host}/built/hello:oci`);
    expect((await buildah('images', '-q', '--no-trunc')).trim()).toBe(id);
  });
});

it('lets in who has logged in with podman, and nobody else', async () => {
  const { enter } = worlds[1] ?? {};
  if (enter === undefined) throw new Error('no world has a password');
  const { host, flags } = await enter();
  const certificates = flags.filter((flag) => flag.startsWith('--cert-dir'));
  const { podman, folder } = await makeStore();
  const layout = join(folder, 'image');
  await writeIndexLayout(layout);
  const [dir = ''] = certificates;
  const copy = () =>
    skopeo(
      'copy',
      '--all',
      '--authfile',
      join(folder, 'auth.json'),
      dir.replace('--cert-dir', '--dest-cert-dir'),
      `oci:${layout}:latest`,
      `docker://${host}/a:v1`,
    );
  await expect(copy()).rejects.toThrow(/authentication required|unauthorized/);
  const wrong = ['login', '-u', 'anna', '-p', 'guess', ...certificates, host];
  await expect(podman(...wrong)).rejects.toThrow(/invalid username\/password|authentication is required/);
  await podman('login', '-u', 'anna', '-p', 'secret', ...certificates, host);
  await copy();
  await podman('logout', host);
  await expect(copy()).rejects.toThrow(/authentication required|unauthorized/);
});
