// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyImage, createDockerArchive } from '@lading/image-copy';
import {
  createMemorySource,
  makeTestImage,
  makeTestIndex,
  type TestImage,
} from '@lading/image-copy/conformance';
import { descriptorOf, encodeJson, MediaType } from '@lading/image-spec';
import { put } from '../world.ts';

const policy = '{"default":[{"type":"insecureAcceptAnything"}]}';

/** The folder that every row starts in, with an image in each kind of place. Returns the digest of that in `oci`. */
export async function makeFixtures(folder: string): Promise<string> {
  const at = (name: string): string => join(folder, name);
  const docker = await makeTestImage({ seed: 'table', layers: 3, format: 'v2s2' });
  const oci = await makeTestImage({ seed: 'table', layers: 3 });
  const plain = await makeTestImage({ seed: 'plain', saved: true });
  await put(docker, `dir:${at('dir')}`);
  await put(oci, `oci:${at('oci')}:name`);
  await put(oci, `oci:${at('two')}:name`);
  await put(await makeTestImage({ seed: 'other' }), `oci:${at('two')}:other`);
  await put(docker, `docker-archive:${at('one.tar')}:example.com/app:1`);
  await put(oci, `oci-archive:${at('oci.tar')}:name`);
  await put(await makeList('oci'), `oci:${at('list')}:name`, true);
  await put(await makeList('v2s2'), `dir:${at('list-dir')}`, true);
  await put(await makeWindowsImage(), `oci:${at('windows')}:name`);
  const archive = await createDockerArchive(at('several.tar'));
  for (const [seed, names] of [
    ['a', ['a', 'quay.io/b:2']],
    ['b', []],
    ['c', ['c:3']],
  ] as const) {
    await copyImage(createMemorySource(await makeTestImage({ seed })), archive.destination(names));
  }
  await archive.commit();
  const [, layer = new Uint8Array()] = [...plain.blobs.values()];
  await writeFile(at('rootfs.tar'), layer);
  await writeFile(at('digits'), 'not a manifest');
  await writeFile(at('empty'), '');
  await mkdir(at('.config/containers'), { recursive: true });
  await writeFile(at('.config/containers/policy.json'), policy);
  return oci.top.digest;
}

/** What is at the registry before the rows. */
export async function fillRegistry(host: string): Promise<void> {
  await put(await makeTestImage({ seed: 'table', layers: 3 }), `docker://${host}/team/app:1`);
  await put(await makeTestImage({ seed: 'table', layers: 3, format: 'v2s2' }), `docker://${host}/team/app:2`);
  await put(await makeList('oci'), `docker://${host}/team/list:1`, true);
  await put(await makeList('v2s2'), `docker://${host}/team/list:2`, true);
  for (const namespace of ['ours', 'theirs']) {
    await put(await makeTestImage({ seed: 'gone' }), `docker://${host}/${namespace}/gone:1`);
    await put(await makeTestImage({ seed: 'kept' }), `docker://${host}/${namespace}/gone:2`);
  }
}

async function makeList(format: 'oci' | 'v2s2') {
  const platforms = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64', variant: 'v8' },
    { os: 'linux', architecture: 'arm', variant: 'v7' },
  ];
  const images = platforms.map(async (platform) => ({
    image: await makeTestImage({ seed: platform.architecture, platform, format }),
    platform,
  }));
  return makeTestIndex(await Promise.all(images), format);
}

/** An image whose config has every member that the specification knows, and some that it does not. */
async function makeWindowsImage(): Promise<TestImage> {
  const config = encodeJson({
    created: '2024-01-02T03:04:05.006Z',
    author: 'someone',
    architecture: 'amd64',
    variant: 'v2',
    os: 'windows',
    'os.version': '10.0.17763.1',
    'os.features': ['win32k'],
    config: {
      User: 'ContainerUser',
      ExposedPorts: { '80/tcp': {} },
      Env: ['A=b'],
      Entrypoint: ['cmd /C'],
      Volumes: { '/b': {}, '/a': {} },
      WorkingDir: '/app',
      Labels: { b: '<1>', a: '2' },
      StopSignal: '15',
      ArgsEscaped: true,
      Healthcheck: { Test: ['CMD', 'true'] },
      OnBuild: ['RUN true'],
    },
    rootfs: { type: 'layers', diff_ids: [] },
    history: [{ created: '2024-01-02T03:04:05.006Z', author: 'someone', comment: 'no', empty_layer: true }],
    'moby.unknown': 1,
  });
  const described = await descriptorOf(MediaType.ImageConfig, config);
  const mediaType = MediaType.ImageManifest;
  const bytes = encodeJson({ schemaVersion: 2, mediaType, config: described, layers: [] });
  const { digest } = await descriptorOf(mediaType, bytes);
  const top = { bytes, mediaType, digest };
  return {
    top,
    manifests: new Map([[digest, top]]),
    blobs: new Map([[described.digest, config]]),
    layers: [],
    config: described,
    diffIds: [],
  };
}

/** A copy of the fixtures for one program to spoil. At once: with a promise a step it takes ten times as long. */
export function copyFixtures(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      mkdirSync(target);
      copyFixtures(source, target);
    } else copyFileSync(source, target);
  }
}

/** Every file below a folder with its digest, but what programs remember for themselves. */
export function treeOf(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => path.slice(folder.length + 1))
    .filter((path) => !/^\.(?:cache|local)\//.test(path))
    // A copy that fails leaves this one of skopeo, and nothing of us.
    .filter((path, _, all) => path !== 'out/version' || all.includes('out/manifest.json'));
  const pairs = files.toSorted().map((path): [string, string] => {
    const bytes = readFileSync(join(folder, path));
    // White space and the order of keys in these are not the same in all versions of skopeo.
    if (/(?:oci-layout|auth\.json|other\.json|stored\.json)$/.test(path))
      return [path, canonical(bytes.toString())];
    return [path, hash('sha256', bytes)];
  });
  return Object.fromEntries(pairs);
}

function canonical(text: string): string {
  return JSON.stringify(JSON.parse(text), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
