// SPDX-License-Identifier: Apache-2.0
import { createMemorySource, makeTestImage } from '@lading/image-copy/conformance';
import { digestBytes, encodeJson } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { emptyImage } from './empty-image.ts';
import { imageSource } from './image-source.ts';
import { type ImageChanges, mutateImage } from './mutate-image.ts';
import { readImage } from './read-image.ts';

async function start(format: 'oci' | 'v2s2' = 'oci') {
  return readImage(createMemorySource(await makeTestImage({ seed: 'mutate', format })));
}

describe('mutateImage', () => {
  const before = { Env: ['PATH=/bin'], Cmd: ['/bin/sh'], Labels: { seed: 'mutate' } };
  const cases: [string, ImageChanges, object][] = [
    ['adds a label', { labels: { a: 'b' } }, { ...before, Labels: { seed: 'mutate', a: 'b' } }],
    [
      'takes the last label away with its map',
      { labels: { seed: null } },
      { Env: before.Env, Cmd: before.Cmd },
    ],
    [
      'keeps the place of a variable',
      { env: { PATH: '/x', A: '=' } },
      { ...before, Env: ['PATH=/x', 'A=='] },
    ],
    ['takes a variable away', { env: { PATH: null, none: null } }, { ...before, Env: [] }],
    [
      'takes the arguments of the old entrypoint away',
      { entrypoint: ['/app'] },
      { Env: before.Env, Labels: before.Labels, Entrypoint: ['/app'] },
    ],
    ['sets both', { entrypoint: ['/app'], cmd: ['x'] }, { ...before, Entrypoint: ['/app'], Cmd: ['x'] }],
    ['takes what is not there for taken away', { user: null, volumes: { '/x': false } }, before],
    [
      'has no trouble with names of Object',
      { labels: { constructor: 'x' } },
      { ...before, Labels: { seed: 'mutate', constructor: 'x' } },
    ],
  ];
  it.each(cases)('%s', async (_name, changes, after) => {
    const image = await mutateImage(await start(), changes);
    expect(image.config.config).toEqual(after);
    expect(image.manifest.config.digest).toBe(await digestBytes(encodeJson(image.config)));
  });

  it('keeps every byte where nothing changes', async () => {
    const image = await start();
    const same = await mutateImage(image, {
      labels: { seed: 'mutate' },
      cmd: ['/bin/sh'],
      env: { PATH: '/bin' },
    });
    expect((await (await imageSource(same)).manifest()).digest).toBe(
      await digestBytes(encodeJson(image.manifest)),
    );
  });

  it('changes the platform as a whole', async () => {
    const first = await mutateImage(await start(), {
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
    });
    const second = await mutateImage(first, { platform: { os: 'linux', architecture: 'amd64' } });
    expect(first.config).toMatchObject({ architecture: 'arm', variant: 'v7' });
    expect(second.config.variant).toBeUndefined();
  });

  it('refuses annotations in a format that has none, and names that are none', async () => {
    const docker = await start('v2s2');
    await expect(mutateImage(docker, { annotations: { a: 'b' } })).rejects.toThrow(/have no annotations/);
    await expect(mutateImage(docker, { annotations: { a: 'b' }, format: 'oci' })).resolves.toMatchObject({
      manifest: { annotations: { a: 'b' } },
    });
    await expect(mutateImage(docker, { env: { 'A=B': 'c' } })).rejects.toThrow(/no name of a variable/);
  });
});

describe('imageSource', () => {
  it('refuses an image whose manifest names another config', async () => {
    const image = await emptyImage();
    await expect(imageSource({ ...image, config: { ...image.config, os: 'other' } })).rejects.toThrow(
      /is not the one that its manifest names/,
    );
  });
});

describe('readImage', () => {
  it('refuses an image whose config lists other layers', async () => {
    const other = await makeTestImage({ seed: 'other', layers: 3 });
    const lying = await makeTestImage({ seed: 'lying', diffIdsOf: other });
    await expect(readImage(createMemorySource(lying))).rejects.toThrow(/has 2 layers, its config lists 3/);
  });
});
