// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mount, unmount } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../src/index.ts';
import {
  addImage,
  addLayers,
  busyboxLayer,
  fileLayer,
  type House,
  openHouse,
  readAll,
  sha256,
} from './support.ts';

const name = 'localhost/hello:latest';
let house: House;
let store: Store;
beforeEach(async () => {
  house = await openHouse();
  store = await house.open();
});
afterEach(() => house.close());

async function changedContainer(): Promise<string> {
  const image = await addImage(store, name, [await busyboxLayer(), await fileLayer('a', 'first')]);
  await house.podman('create', '--name', 'web', '--ulimit', 'nofile=1024:1024', '--network', 'none', name);
  const merged = await store.containers.mount('web');
  writeFileSync(join(merged, 'a'), 'changed');
  rmSync(join(merged, 'bin/ls'));
  mkdirSync(join(merged, 'new/inner'), { recursive: true });
  writeFileSync(join(merged, 'new/inner/file'), 'x'.repeat(1000));
  linkSync(join(merged, 'new/inner/file'), join(merged, 'new/hard'));
  await store.containers.unmount('web');
  return image.id;
}

const tarNames = (tar: Buffer): string[] =>
  execFileSync('tar', ['-tf', '-'], { input: tar }).toString().trim().split('\n').sort();

describe('the changes of a container', () => {
  it('are those that podman diff lists, and their archive has them', async () => {
    await changedContainer();
    const kinds = { added: 'A', modified: 'C', deleted: 'D' } as const;
    const found: string[] = [];
    for await (const { kind, path } of store.containers.changes('web')) found.push(`${kinds[kind]} ${path}`);
    expect(found.sort()).toEqual((await house.podman('diff', 'web')).split('\n').sort());
    expect(found).toContain('D /bin/ls');
    expect(tarNames(await readAll(store.containers.diff('web')))).toEqual([
      ...['a', 'bin/', 'bin/.wh.ls', 'new/', 'new/hard', 'new/inner/', 'new/inner/file'],
    ]);
  });

  it('become a layer that is rebuilt byte for byte, on which podman makes containers', async () => {
    const imageId = await changedContainer();
    const layer = await store.containers.commit('web', { mtime: new Date('2026-01-01') });
    const bytes = await readAll(store.layers.open(layer.id));
    expect([sha256(bytes), bytes.length]).toEqual([layer.diffDigest, layer.diffSize]);
    expect(bytes).toEqual(await readAll(store.containers.diff('web', { mtime: new Date('2026-01-01') })));
    expect(layer.parent).toBe((await store.images.find(imageId))?.topLayer);
    // Once more is the same layer.
    expect(await store.containers.commit('web', { mtime: new Date('2026-01-01') })).toEqual(layer);
    const { id } = await store.containers.create({ layer: layer.id, names: ['on-top'] });
    const merged = await store.containers.mount(id);
    expect(readFileSync(join(merged, 'a'), 'utf8')).toBe('changed');
    expect(readdirSync(join(merged, 'bin'))).not.toContain('ls');
    await store.containers.delete(id);
    const faults: string[] = [];
    for await (const fault of store.check()) faults.push(fault.kind);
    expect(faults).toEqual([]);
  });

  it('of nothing are an empty archive', async () => {
    await addImage(store, name, [await fileLayer('a')]);
    const { id, layer } = await store.containers.create({
      imageId: (await store.images.find(name))?.id ?? '',
    });
    for await (const change of store.containers.changes(id)) expect(change).toBeUndefined();
    const tar = await readAll(store.containers.diff(id));
    expect([tar.length, tar.every((byte) => byte === 0)]).toEqual([1024, true]);
    expect(await readAll(store.layers.open(layer))).toEqual(tar);
  });

  it('are whole where the upper folder refers to the layers below', async () => {
    await addImage(store, name, [await busyboxLayer(), await fileLayer('a', 'first')]);
    const { id, layer } = await store.containers.create({
      imageId: (await store.images.find(name))?.id ?? '',
    });
    const folder = join(house.graphRoot, 'overlay', layer);
    const lowers = readFileSync(join(folder, 'lower-layers'), 'utf8').split(':');
    const lowerdir = lowers.map((lower) => join(house.graphRoot, 'overlay', lower, 'diff')).join(':');
    const target = join(folder, 'merged');
    const data = `lowerdir=${lowerdir},upperdir=${join(folder, 'diff')},workdir=${join(folder, 'work')},metacopy=on,redirect_dir=on`;
    mount({ type: 'overlay', target, data });
    try {
      execFileSync('chmod', ['600', join(target, 'a')]);
      renameSync(join(target, 'bin'), join(target, 'programs'));
      mkdirSync(join(target, 'work')); // as a folder of overlay's own is called
    } finally {
      unmount(target);
    }
    const listing = execFileSync('tar', ['-tvf', '-'], { input: await readAll(store.containers.diff(id)) });
    expect(listing.toString()).toMatch(/^-rw------- 0\/0 +5 .* a$/m);
    expect(listing.toString()).toMatch(/ programs\/busybox$/m);
    expect(listing.toString()).toMatch(/ \.wh\.bin$/m);
    const paths: string[] = [];
    for await (const { kind, path } of store.containers.changes(id)) paths.push(`${kind} ${path}`);
    expect(paths).toEqual(
      expect.arrayContaining(['modified /a', 'deleted /bin', 'added /programs', 'added /work']),
    );
  });
});

describe('sizes', () => {
  it('are those that podman tells', async () => {
    const imageId = await changedContainer();
    const [image] = JSON.parse(await house.podman('image', 'inspect', imageId));
    expect(await store.images.size(imageId)).toBe(image.Size);
    const size = await store.containers.size('web');
    const { layer = '' } = (await store.containers.find('web')) ?? {};
    expect(await store.layers.usage(layer)).toEqual({
      bytes: size.writableBytes,
      inodes: size.writableInodes,
    });
    await expect(store.layers.usage('ab'.repeat(32))).rejects.toMatchObject({ code: 'not_found' });
    // 7 bytes in `a`, 1000 in the file with two names, none in the whiteout.
    expect(size).toMatchObject({ writableBytes: 1007, writableInodes: 7 });
    const [container] = JSON.parse(await house.podman('inspect', '--size', 'web'));
    // podman counts its own files of the container with what it wrote.
    expect([size.writableBytes, size.rootfsBytes]).toEqual([container.SizeRw, container.SizeRootFs]);
  });

  it('of images are shared and unique', async () => {
    const base = await busyboxLayer();
    const [below] = await addLayers(store, [base]);
    const one = await addImage(store, 'localhost/one:1', [base, await fileLayer('one')]);
    const two = await addImage(store, 'localhost/two:1', [base, await fileLayer('two', 'y'.repeat(5000))]);
    const usage = await store.images.usage();
    for (const { id, sizeBytes, sharedBytes, uniqueBytes } of usage) {
      expect(sharedBytes).toBe(below?.diffSize);
      expect(sizeBytes).toBe(sharedBytes + uniqueBytes);
      expect(sizeBytes).toBe(await store.images.size(id));
    }
    expect(usage.map(({ id }) => id)).toEqual([one.id, two.id]);
  });
});
