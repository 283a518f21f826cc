// SPDX-License-Identifier: Apache-2.0
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Digest,
  digestHex,
  encodeJson,
  MediaType,
  normalizeArchitecture,
  parseDigest,
} from '@lading/image-spec';
import { readMounts, unmount } from '@lading/linux';
import {
  type ImageRecord,
  type LayerRecord,
  openStore,
  type Store,
  type StoreOptions,
} from '../src/index.ts';

const run = promisify(execFile);

/** Folders of a store, and the tools that work on them. */
export interface House {
  readonly root: string;
  readonly graphRoot: string;
  readonly runRoot: string;
  /** `[overlay@…]` before a name in skopeo's containers-storage references. */
  readonly transport: string;
  open(options?: Omit<StoreOptions, 'graphRoot' | 'runRoot'>): Promise<Store>;
  podman(...args: string[]): Promise<string>;
  buildah(...args: string[]): Promise<string>;
  skopeo(...args: string[]): Promise<string>;
  /** Another podman, by its path. */
  run(program: string, ...args: string[]): Promise<string>;
  /** Mounts below the roots. */
  mounts(): string[];
  /** Takes every mount below the roots away, and the roots. */
  close(): Promise<void>;
}

/** @param name of the folder of the store, to try odd ones */
export async function openHouse(name: string = 'graph'): Promise<House> {
  // In memory where there is such a folder: overlay cannot be stacked on every file system that a /tmp is on.
  const root = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lading-storage-'));
  const graphRoot = join(root, name);
  const runRoot = join(root, 'run');
  const roots = ['--root', graphRoot, '--runroot', runRoot, '--storage-driver', 'overlay'];
  const stores: Store[] = [];
  const mounts = (): string[] =>
    readMounts()
      .map(({ target }) => target)
      .filter((target) => target.startsWith(`${root}/`));
  return {
    root,
    graphRoot,
    runRoot,
    transport: `[overlay@${graphRoot}+${runRoot}]`,
    async open(options = {}) {
      const store = await openStore({ graphRoot, runRoot, ...options });
      stores.push(store);
      return store;
    },
    podman: (...args) => output('podman', 'podman', [...roots, '--cgroup-manager', 'cgroupfs', ...args]),
    buildah: (...args) => output('buildah', 'buildah', [...roots, ...args]),
    skopeo: (...args) => output('skopeo', 'skopeo', args),
    run: async (program, ...args) => (await run(program, [...roots, ...args])).stdout.trim(),
    mounts,
    async close() {
      for (const store of stores) await store.close();
      for (const target of mounts().reverse()) unmount(target, { lazy: true });
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** With what podman 4 runs a container where rlimits cannot be raised and no network is wanted. */
export const podmanFlags: readonly string[] = [
  '--runtime',
  'runc',
  '--network',
  'none',
  '--ulimit',
  'nofile=1024:1024',
  '--ulimit',
  'nproc=1024:1024',
];

async function output(program: string, debianPackage: string, args: string[]): Promise<string> {
  needed(program, debianPackage);
  return (await run(program, args, { maxBuffer: 1 << 26 })).stdout.trim();
}

function needed(program: string, debianPackage: string): void {
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin');
  if (folders.some((folder) => existsSync(join(folder, program)))) return;
  throw new Error(`${program} is missing: apt-get install ${debianPackage}`);
}

/** A tar in memory. */
export interface TestLayer {
  readonly bytes: Uint8Array;
  readonly diffId: Digest;
}

export function sha256(bytes: Uint8Array | string): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

/** The tar of a folder that is filled and thrown away. */
export async function testLayer(fill: (folder: string) => Promise<unknown>): Promise<TestLayer> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-layer-'));
  try {
    await fill(folder);
    const options = ['--owner=0', '--group=0', '--sort=name', '--xattrs', '.'];
    const bytes = execFileSync('tar', ['-C', folder, '-cf', '-', ...options], { maxBuffer: 1 << 28 });
    return { bytes, diffId: sha256(bytes) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function fileLayer(name: string, text: string = name): Promise<TestLayer> {
  return testLayer((folder) => writeFile(join(folder, name), text));
}

/** A root file system with a shell. */
export function busyboxLayer(): Promise<TestLayer> {
  if (!existsSync('/bin/busybox')) throw new Error('/bin/busybox is missing: apt-get install busybox-static');
  return testLayer(async (folder) => {
    for (const name of ['bin', 'etc', 'tmp']) await mkdir(join(folder, name));
    await copyFile('/bin/busybox', join(folder, 'bin/busybox'));
    await chmod(join(folder, 'bin/busybox'), 0o755);
    for (const name of ['sh', 'cat', 'echo', 'ls']) await symlink('busybox', join(folder, 'bin', name));
    await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  });
}

export async function* chunksOf(bytes: Uint8Array, size: number = 8192): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size)
    yield Buffer.from(bytes.subarray(start, start + size));
}

/** Adds layers on top of each other. */
export async function addLayers(store: Store, layers: readonly TestLayer[]): Promise<readonly LayerRecord[]> {
  const records: LayerRecord[] = [];
  for (const { bytes, diffId } of layers) {
    const parent = records.at(-1)?.id;
    records.push(
      await store.layers.add(chunksOf(bytes), {
        expectedDigest: diffId,
        expectedDiffId: diffId,
        ...(parent !== undefined && { parent }),
      }),
    );
  }
  return records;
}

export interface TestImage {
  readonly config: Uint8Array;
  readonly manifest: Uint8Array;
  readonly id: string;
  readonly digest: Digest;
}

export function testImage(layers: readonly TestLayer[], labels: Record<string, string> = {}): TestImage {
  const config = encodeJson({
    created: '2026-01-02T03:04:05Z',
    architecture: normalizeArchitecture(process.arch),
    os: 'linux',
    config: { Cmd: ['sh'], Env: ['PATH=/bin'], Labels: labels },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created_by: 'test' })),
  });
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: MediaType.ImageManifest,
    config: { mediaType: MediaType.ImageConfig, digest: sha256(config), size: config.length },
    layers: layers.map(({ bytes, diffId }) => ({
      mediaType: MediaType.Layer,
      digest: diffId,
      size: bytes.length,
    })),
  });
  return { config, manifest, id: digestHex(sha256(config)), digest: sha256(manifest) };
}

/** Adds layers and an image of them. */
export async function addImage(
  store: Store,
  name: string,
  layers: readonly TestLayer[],
  labels: Record<string, string> = {},
): Promise<ImageRecord> {
  const topLayer = (await addLayers(store, layers)).at(-1)?.id;
  const { id, digest, config, manifest } = testImage(layers, labels);
  return store.images.create({
    id,
    names: [name],
    digest,
    manifests: [{ digest, bytes: manifest }],
    config: { digest: sha256(config), bytes: config },
    created: '2026-01-02T03:04:05Z',
    ...(topLayer !== undefined && { topLayer }),
  });
}

/** An OCI layout with one image, named `test`. */
export async function writeLayout(folder: string, layers: readonly TestLayer[]): Promise<TestImage> {
  const image = testImage(layers);
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true });
  for (const bytes of [image.config, image.manifest, ...layers.map((layer) => layer.bytes)]) {
    await writeFile(join(folder, 'blobs/sha256', digestHex(sha256(bytes))), bytes);
  }
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const manifest = { mediaType: MediaType.ImageManifest, digest: image.digest, size: image.manifest.length };
  const annotations = { 'org.opencontainers.image.ref.name': 'test' };
  await writeFile(
    join(folder, 'index.json'),
    encodeJson({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  return image;
}

export async function readAll(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function readJson(path: string): Promise<unknown> {
  return readFile(path, 'utf8').then(JSON.parse);
}

/** Arguments with which node runs a program of this folder from its sources. */
export function programArguments(name: string): string[] {
  return [
    '--conditions=@lading/source',
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, name),
  ];
}
