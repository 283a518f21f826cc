// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openStore } from '@lading/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorldWithImage, type World } from './world.ts';

const exec = promisify(execFile);

let world: World;
beforeEach(async () => {
  world = await createWorldWithImage();
  expect((await buildah('from', '--name', builder, '--pull-never', world.image)).stdout.trim()).toBe(builder);
});
afterEach(() => world[Symbol.asyncDispose]());

const builder = 'work';

function buildah(...words: string[]) {
  const { LADING_ROOT: root = '', LADING_RUNROOT: run = '' } = world.env;
  return exec('buildah', ['--root', root, '--runroot', run, '--storage-driver', 'overlay', ...words]);
}

const names = async () => (await world.lading('ps -a --external --format {{.Names}}')).out;
const images = async () => (await world.lading('images --format {{.Repository}}')).out;

describe('a container of a builder', () => {
  it('is removed by its name; a mounted one by force only', async () => {
    expect(await world.lading(`rm ${builder}`)).toEqual({ code: 0, out: `${builder}\n`, err: '' });
    expect(await names()).toBe('');
    await buildah('from', '--name', builder, '--pull-never', world.image);
    await buildah('mount', builder);
    expect(await world.lading(`rm ${builder}`)).toEqual({
      code: 2,
      out: '',
      err: `Error: container "${builder}" is mounted and cannot be removed without using force: container state improper\n`,
    });
    expect(await names()).toBe(`${builder}\n`);
    expect((await world.lading(`rm --force ${builder}`)).code).toBe(0);
    expect(await names()).toBe('');
    expect((await world.lading(`rm ${builder}`)).code).toBe(1);
  });

  it('keeps its image, which goes with it by force', async () => {
    expect(await world.lading(`rmi ${world.image}`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/consider listing external containers and force-removing image\n$/),
    });
    expect((await world.lading(`rmi --force ${world.image}`)).code).toBe(0);
    expect((await names()) + (await images())).toBe('');
  });

  it('keeps its image from a prune, but for one of external ones', async () => {
    expect(await world.lading('image prune --all --force')).toEqual({ code: 0, out: '', err: '' });
    expect((await world.lading('image prune --force --external')).out).toBe('');
    await world.lading(`create --name ours --network none ${world.image} true`);
    expect((await world.lading('image prune --all --force --external')).out).toBe('');
    expect(await names()).toBe(`ours\n${builder}\n`);
    await world.lading('rm ours');
    expect((await world.lading('image prune --all --force --external')).out).toMatch(/^[0-9a-f]{64}\n$/);
    expect((await names()) + (await images())).toBe('');
  });

  it('goes in a reset, and with it volumes, secrets, networks and what was half-made', async () => {
    const { LADING_ROOT: graphRoot = '', LADING_RUNROOT: runRoot = '' } = world.env;
    await world.lading('volume create data');
    await world.lading('secret create word /etc/hostname');
    await world.lading('network create --subnet 10.86.78.0/24 own');
    {
      await using store = await openStore({ graphRoot, runRoot });
      const [image] = await store.images.list();
      if (image === undefined) throw new Error('no image');
      const metadata = JSON.stringify({ 'created-by': 'lading' });
      await store.containers.create({ id: 'a'.repeat(64), names: ['half'], imageId: image.id, metadata });
    }
    const asked = await world.lading('system reset', 'n\n');
    expect(asked.out).toContain(
      '- all images\n        - all volumes\n        - all secrets\n        - all networks\n',
    );
    expect(await images()).not.toBe('');
    expect(await world.lading('system reset --force')).toEqual({ code: 0, out: '', err: '' });
    expect((await names()) + (await images())).toBe('');
    for (const line of ['volume ls -q', 'secret ls -q']) expect((await world.lading(line)).out).toBe('');
    expect((await world.lading('network ls -q')).out).toBe('test\n');
  });
});
